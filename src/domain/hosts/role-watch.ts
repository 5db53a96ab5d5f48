/** How often a role says that its event loop turns, and how often its supervisor looks. */
export const ROLE_HEARTBEAT_MS = 1_000;
/** Silence of a role that counts as a blocked event loop. By then the leases of a host have run out anyway. */
export const BLOCKED_AFTER_MS = 10_000;
/** The same while it starts: on a busy machine it takes long to load, and to compile workflows from their sources. */
export const BLOCKED_AT_START_AFTER_MS = 60_000;
/** The same where other processes left it no CPU to turn with, as a multiple: it only seems to be blocked, but may be as well. */
export const STARVED_FACTOR = 3;
/** A look that comes this late says that the supervisor stood still itself: the machine slept, or has no time for anybody. */
export const LATE_LOOK_MS = 3_000;

/** What the supervisor remembers of a role from one look to the next. */
export interface RoleWatch {
  lookedAtMs: number;
  /** Silence that counts. */
  silentMs: number;
  /** As much of it as the event loop has waited for a CPU. */
  starvedMs: number;
}

/** What the supervisor sees at a look. */
export interface RoleObservation {
  /** On a clock that does not jump. */
  nowMs: number;
  /** It has given a sign of life since the look before. */
  wasHeard: boolean;
  /** It has reported once that it does its work. */
  isReady: boolean;
  /** How long since the look before its event loop has waited for a CPU. */
  waitedMs: number;
  /** Its process was stopped by a signal or a debugger. */
  isSuspended: boolean;
}

export type RoleFinding = 'alive' | 'suspended' | 'supervisor-late' | 'silent' | 'blocked';

/**
 * Whether the event loop of a role is blocked. Only silence during which the supervisor looked on time, and the process was not
 * suspended, counts: whoever stops a process or a machine means to continue it. One that got no CPU is given longer: to start it again
 * would cost a busy machine even more.
 */
export function judgeRole(
  { lookedAtMs, silentMs, starvedMs }: RoleWatch,
  { nowMs, wasHeard, isReady, isSuspended, waitedMs }: RoleObservation,
): { finding: RoleFinding; watch: RoleWatch } {
  const sinceMs = nowMs - lookedAtMs;
  const from = (finding: RoleFinding, silence: number, starved = 0) => ({
    finding,
    watch: { lookedAtMs: nowMs, silentMs: silence, starvedMs: starved },
  });
  if (wasHeard) return from('alive', 0);
  if (isSuspended) return from('suspended', 0);
  if (sinceMs >= LATE_LOOK_MS) return from('supervisor-late', 0);
  const limitMs = isReady ? BLOCKED_AFTER_MS : BLOCKED_AT_START_AFTER_MS;
  const silence = silentMs + sinceMs;
  const starved = starvedMs + Math.min(waitedMs, sinceMs);
  const isBlocked = silence - starved >= limitMs || silence >= STARVED_FACTOR * limitMs;
  return from(isBlocked ? 'blocked' : 'silent', silence, starved);
}
