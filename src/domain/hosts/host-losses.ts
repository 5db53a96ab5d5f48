import { wasGivenUp } from './placement';

/**
 * A host that dies takes all of its servers with it, and any of them may be why. These limits decide when a server is
 * suspected. To suspect costs a rehearsal, never more, so that servers survive hosts that somebody kills again and again.
 */

/** A host that died within this time of a start may have died of it. */
export const QUICK_LOSS_MS = 3_000;
const MAX_QUICK_LOSSES = 2;
/** Later deaths count for less, up to here. */
export const EARLY_LOSS_MS = 2 * 60_000;
const MAX_EARLY_LOSSES = 4;
/** A rehearsal lasts for as long as the server ran the last time, and a little more. */
const REHEARSAL_MARGIN_MS = 2_000;
/** Whoever waits for a server waits for its rehearsal, too: one that ran for longer is rehearsed only after each so many losses. */
const MAX_SHORT_REHEARSAL_MS = 10_000;
const LOSSES_PER_LONG_REHEARSAL = 6;
/** Before the next start of a server that goes on to lose hosts although its rehearsals have shown nothing; then twice as long, … */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;

/** Hosts in a row that died early under a session. */
export interface HostLosses {
  early: number;
  /** Of the last ones, so many in a row died within moments. */
  quick: number;
}

export const NO_HOST_LOSSES: HostLosses = { early: 0, quick: 0 };

/** What precedes the next start of a server under which hosts have died; 0 is left out. */
export interface Precaution {
  pauseMs: number;
  /** It is started in a process that may die, for so long. */
  rehearseMs: number;
}

/** What the last heartbeat of an owner tells its successor of how long the server had run there. */
interface LastSeen {
  epoch: number;
  hostLosses?: HostLosses;
  launchedForMs?: number;
}

/**
 * Counts the end of the owner before this one.
 *
 * @param lastFailure - how Temporal says that the attempt before this one ended
 */
export function lossesAfter(
  last: LastSeen | undefined,
  epoch: number,
  lastFailure: string | undefined,
): HostLosses {
  if (!last) return NO_HOST_LOSSES;
  const { hostLosses = NO_HOST_LOSSES, launchedForMs } = last;
  if (launchedForMs !== undefined && launchedForMs >= EARLY_LOSS_MS) return NO_HOST_LOSSES;
  // An attempt between them that told nothing began nothing: its end says nothing of that of the owner.
  const isDirect = last.epoch === epoch - 1;
  if (launchedForMs === undefined || (isDirect && endedInOrder(lastFailure))) return hostLosses;
  const isQuick = launchedForMs < QUICK_LOSS_MS;
  return { early: hostLosses.early + 1, quick: isQuick ? hostLosses.quick + 1 : 0 };
}

/**
 * Decides how carefully a server is started.
 *
 * @param ranForMs - how long it had run when the last host died
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

/** Whether an owner that still lived has told its end itself. */
function endedInOrder(lastFailure = ''): boolean {
  return wasGivenUp(lastFailure) || /^host \S+ lost it: /.test(lastFailure);
}
