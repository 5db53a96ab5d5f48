/** Interval at which a role reports that its event loop turns, and at which its supervisor checks it. */
export const ROLE_HEARTBEAT_MS = 1_000;
/** Silence of a role that counts as a blocked event loop. By then the leases of a host have run out anyway. */
export const BLOCKED_AFTER_MS = 10_000;
/** Silence that counts while it starts: on a busy machine it takes long to load, and to compile workflows from their sources. */
export const BLOCKED_AT_START_AFTER_MS = 60_000;
/** Multiple that applies where other processes left it no CPU: it only seems to be blocked, but may be as well. */
export const STARVED_FACTOR = 3;
/** Interval after which a check is late: the supervisor itself stood still, because the machine slept or has no CPU time left. */
export const LATE_CHECK_MS = 3_000;

/** State that the supervisor keeps of a role between two checks. */
export interface RoleWatch {
  checkedAtMs: number;
  /** Silence that counts. */
  silentMs: number;
  /** Part of it in which the event loop waited for a CPU. */
  starvedMs: number;
}

/** Observation of the supervisor at a check. */
export interface RoleObservation {
  /** Time on a clock that does not jump. */
  nowMs: number;
  /** Whether it has given a sign of life since the previous check. */
  hasReported: boolean;
  /** Whether it has reported once that it is ready. */
  isReady: boolean;
  /** Time since the previous check in which its event loop waited for a CPU. */
  waitedMs: number;
  /** Whether its process is stopped by a signal or a debugger. */
  isSuspended: boolean;
}

export type RoleFinding = 'alive' | 'suspended' | 'supervisor-late' | 'silent' | 'blocked';

/**
 * Decides whether the event loop of a role is blocked. Silence counts only while the supervisor checks on time and the
 * process is not suspended: a process or a machine is stopped in order to be continued. One that got no CPU is given
 * longer: restarting it would cost a busy machine even more.
 */
export function judgeRole(
  { checkedAtMs: checkedAtMs, silentMs, starvedMs }: RoleWatch,
  { nowMs, hasReported: hasReported, isReady, isSuspended, waitedMs }: RoleObservation,
): { finding: RoleFinding; watch: RoleWatch } {
  const sinceMs = nowMs - checkedAtMs;
  const result = (finding: RoleFinding, silence: number, starved = 0) => ({
    finding,
    watch: { checkedAtMs: nowMs, silentMs: silence, starvedMs: starved },
  });
  if (hasReported) return result('alive', 0);
  if (isSuspended) return result('suspended', 0);
  if (sinceMs >= LATE_CHECK_MS) return result('supervisor-late', 0);
  const limitMs = isReady ? BLOCKED_AFTER_MS : BLOCKED_AT_START_AFTER_MS;
  const silence = silentMs + sinceMs;
  const starved = starvedMs + Math.min(waitedMs, sinceMs);
  const isBlocked = silence - starved >= limitMs || silence >= STARVED_FACTOR * limitMs;
  return result(isBlocked ? 'blocked' : 'silent', silence, starved);
}
