/** Queue of a server as a client sees it at the moment of a call. */
export interface QueueView {
  /** Calls that waited at the last query to Temporal, including those of this client. */
  backlog: number;
  /** Calls that this client has submitted since then and that have not ended. */
  openSince: number;
  /** All calls of this client that have not ended. */
  open: number;
  /** Calls that the server runs at once; 0 while it does not run. */
  slots: number;
}

/**
 * Returns how many calls would wait if one more came. A client knows that at most `slots` of its own calls run. Where
 * others already wait, every new one waits too.
 */
export function waitingWithOneMore({ backlog, openSince, open, slots }: QueueView): number {
  const own = Math.max(0, open + 1 - slots);
  return backlog === 0 ? own : Math.max(own, backlog + openSince + 1);
}
