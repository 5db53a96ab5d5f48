import { url as debuggerUrl } from 'node:inspector';
import { ROLE_HEARTBEAT_MS } from '../domain/hosts/role-watch';
import { type StartReport } from './orders';

/** Longest time from the request to stop to the end, in ms; after that the process exits as it is, and its guard cleans up. */
const STOP_LIMIT_MS = 30_000;
/** Same limit when `up` is gone, in ms: nothing waits for this process anymore. */
const ORPHAN_STOP_LIMIT_MS = 5_000;
/** Longer than that limit, in seconds: then the guard of `up` ends a role that cannot end itself. */
export const ORPHAN_GRACE_S = 8;

/**
 * Returns a signal that fires when this process should stop: on `requested`, and when the `up` that started it is gone,
 * however that died. From now on `up` is notified that the event loop turns.
 */
export function untilStopRequested(requested: AbortSignal): AbortSignal {
  const stop = new AbortController();
  const endWithin = (limitMs: number) => {
    stop.abort();
    setTimeout(() => process.exit(1), limitMs).unref();
  };
  void aborted(requested).then(() => endWithin(STOP_LIMIT_MS));
  if (process.connected) {
    process.once('disconnect', () => endWithin(ORPHAN_STOP_LIMIT_MS));
    setInterval(() => tellUp(debuggerUrl() ? 'debugged' : 'alive'), ROLE_HEARTBEAT_MS).unref();
    tellUp('alive');
  }
  return stop.signal;
}

/** Resolves when the signal fires, or at once when it has already fired. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Messages from a role to the `up` that started it: it is ready; its event loop turns, again and again; a debugger may
 * stop it; and how the servers start.
 */
export type RoleMessage = 'ready' | 'alive' | 'debugged' | StartReport;

/** Reports to the `up` that started this process, if one did, that the role is ready. */
export function reportReady(): void {
  tellUp('ready');
}

/** Sends a message to the `up` that started this process, if one did. */
export function tellUp(message: RoleMessage): void {
  // It may be gone before the message is sent: 'disconnect' reports that.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
