import { url as debuggerUrl } from 'node:inspector';
import { ROLE_HEARTBEAT_MS } from '../domain/hosts/role-watch';

/** Longest time from the wish to stop to the end; after that the process exits as it is, and its guard cleans up. */
const STOP_LIMIT_MS = 30_000;
/** When `up` is gone nothing waits for this process any more. */
const ORPHAN_STOP_LIMIT_MS = 5_000;
/** Above that, in seconds: then the guard of `up` ends a role that cannot end itself. */
export const ORPHAN_GRACE_S = 8;

/**
 * Fires when this process should stop: when it is told to, and when the `up` that started it is gone, however that died. From
 * now on `up` hears that the event loop turns.
 */
export function untilStopRequested(told: AbortSignal): AbortSignal {
  const stop = new AbortController();
  const endWithin = (limitMs: number) => {
    stop.abort();
    setTimeout(() => process.exit(1), limitMs).unref();
  };
  void aborted(told).then(() => endWithin(STOP_LIMIT_MS));
  if (process.connected) {
    process.once('disconnect', () => endWithin(ORPHAN_STOP_LIMIT_MS));
    setInterval(() => notifyUp(debuggerUrl() ? 'debugged' : 'alive'), ROLE_HEARTBEAT_MS).unref();
    notifyUp('alive');
  }
  return stop.signal;
}

/** Resolves when the signal fires, or at once when it has fired already. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * What a role tells the `up` that started it: that it does its work now; again and again that its event loop turns, or that a
 * debugger may stop it.
 */
export type RoleMessage = 'ready' | 'alive' | 'debugged';

/** Tells the `up` that started this process, if one did, that the role does its work now. */
export function reportReady(): void {
  notifyUp('ready');
}

function notifyUp(message: RoleMessage): void {
  // It may be gone before the message is: 'disconnect' says so.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
