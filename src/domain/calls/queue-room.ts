/** What a client knows of the queue of a server at the moment of a call. */
export interface QueueView {
  /** Calls that waited when Temporal was asked last, those of this client included. */
  backlog: number;
  /** Calls of this client that it has submitted since then and that have not ended. */
  openSince: number;
  /** All calls of this client that have not ended. */
  open: number;
  /** Calls that the server runs at once; 0 while it does not run. */
  slots: number;
}

/**
 * How many calls would wait if one more came. Of its own calls a client knows that at most `slots` run; where others wait already,
 * every new one does too.
 */
export function waitingWithOneMore({ backlog, openSince, open, slots }: QueueView): number {
  const own = Math.max(0, open + 1 - slots);
  return backlog === 0 ? own : Math.max(own, backlog + openSince + 1);
}
