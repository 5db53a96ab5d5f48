/** Longest time from the wish to stop to the end; after that the process exits as it is, and its guard cleans up. */
const STOP_LIMIT_MS = 30_000;
/** When `up` is gone nothing waits for this process any more. */
const ORPHAN_STOP_LIMIT_MS = 5_000;

/**
 * Fires when this process should stop: on SIGINT, SIGTERM or SIGHUP, and when the `up` that started it is gone, however
 * that died.
 */
export function untilToldToStop(): AbortSignal {
  const stop = new AbortController();
  const endWithin = (limitMs: number) => {
    stop.abort();
    setTimeout(() => process.exit(1), limitMs).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => endWithin(STOP_LIMIT_MS));
  }
  if (process.connected) process.once('disconnect', () => endWithin(ORPHAN_STOP_LIMIT_MS));
  return stop.signal;
}

/** What a role tells the `up` that started it. */
export interface RoleReady {
  ready: true;
}

/** Tells the `up` that started this process, if one did, that the role does its work now. */
export function reportReady(): void {
  process.send?.({ ready: true } satisfies RoleReady);
}
