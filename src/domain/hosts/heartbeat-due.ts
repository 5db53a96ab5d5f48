import { HEARTBEAT_INTERVAL_MS } from '../limits';

/** Longest time between confirmed heartbeats, in ms, as long as nothing goes wrong. */
const LONGEST_PAUSE_MS = 2.5 * HEARTBEAT_INTERVAL_MS;

/**
 * Whether a session sends a heartbeat in this round, which is one per interval. In even rounds all of a host do, together;
 * in odd ones only those whose last one was not confirmed, or whose timeout is short.
 */
export function isHeartbeatDue(
  round: number,
  sinceConfirmedMs: number,
  timeoutMs: number,
): boolean {
  if (round % 2 === 0) return true;
  const atNextRoundMs = sinceConfirmedMs + HEARTBEAT_INTERVAL_MS;
  return atNextRoundMs > Math.min(timeoutMs / 2, LONGEST_PAUSE_MS);
}
