import { wasReleased } from './placement';

/**
 * A host that dies takes all of its servers with it, and any of them may be the cause. These limits decide when a server is
 * suspected. Suspicion costs a rehearsal, never more, so that servers survive hosts that are killed again and again.
 */

/** Time after a start within which the death of a host may be due to it. */
export const QUICK_LOSS_MS = 3_000;
const MAX_QUICK_LOSSES = 2;
/** Time up to which later deaths count, though for less. */
export const EARLY_LOSS_MS = 2 * 60_000;
const MAX_EARLY_LOSSES = 4;
/** Time that a rehearsal lasts beyond the server's previous run. */
const REHEARSAL_MARGIN_MS = 2_000;
/**
 * Longest run that is rehearsed every time, because starts wait for the rehearsal; a longer one is rehearsed only after
 * every so many losses.
 */
const MAX_SHORT_REHEARSAL_MS = 10_000;
const LOSSES_PER_LONG_REHEARSAL = 6;
/**
 * Pause before the next start of a server that keeps losing hosts although its rehearsals have shown nothing; it
 * doubles each time.
 */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;

/** Consecutive hosts that died early under a session. */
export interface HostLosses {
  early: number;
  /** Number of the last ones in a row that died within moments. */
  quick: number;
}

export const NO_HOST_LOSSES: HostLosses = { early: 0, quick: 0 };

/** Precaution before the next start of a server under which hosts have died; 0 is none. */
export interface Precaution {
  pauseMs: number;
  /** Time for which it is first started in a process that may die. */
  rehearseMs: number;
}

/** Last heartbeat of an owner, as its successor reads it: how long the server had run there. */
interface LastHeartbeat {
  epoch: number;
  hostLosses?: HostLosses;
  launchedForMs?: number;
}

/**
 * Counts the end of the previous owner.
 *
 * @param lastFailure - failure of the previous attempt, as Temporal reports it
 */
export function lossesAfter(
  last: LastHeartbeat | undefined,
  epoch: number,
  lastFailure: string | undefined,
): HostLosses {
  if (!last) return NO_HOST_LOSSES;
  const { hostLosses = NO_HOST_LOSSES, launchedForMs } = last;
  if (launchedForMs !== undefined && launchedForMs >= EARLY_LOSS_MS) return NO_HOST_LOSSES;
  // An attempt between them without a heartbeat began nothing: its end is not that of the owner.
  const isDirect = last.epoch === epoch - 1;
  if (launchedForMs === undefined || (isDirect && endedInOrder(lastFailure))) return hostLosses;
  const isQuick = launchedForMs < QUICK_LOSS_MS;
  return { early: hostLosses.early + 1, quick: isQuick ? hostLosses.quick + 1 : 0 };
}

/**
 * Decides how carefully a server is started.
 *
 * @param ranForMs - time that it had run when the last host died
 */
export function precautionFor({ early, quick }: HostLosses, ranForMs = 0): Precaution {
  const isSuspect = quick >= MAX_QUICK_LOSSES || early >= MAX_EARLY_LOSSES;
  const isRehearsed =
    isSuspect && (ranForMs < MAX_SHORT_REHEARSAL_MS || early % LOSSES_PER_LONG_REHEARSAL === 0);
  const doublings = early - MAX_EARLY_LOSSES - 1;
  return {
    rehearseMs: isRehearsed ? ranForMs + REHEARSAL_MARGIN_MS : 0,
    pauseMs: doublings < 0 ? 0 : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** doublings),
  };
}

/** Whether an owner reported its end itself while it was alive. */
function endedInOrder(lastFailure = ''): boolean {
  return wasReleased(lastFailure) || /^host \S+ lost it: /.test(lastFailure);
}
