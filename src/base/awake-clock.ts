/** Beyond a correction by NTP, and the time between two looks at two clocks. */
const MIN_SLEEP_MS = 250;

/** What the two clocks of a machine show at one moment. */
export interface Clocks {
  /** Stands still while the machine sleeps, and is not set by anybody. */
  monotonicMs: number;
  /** Goes on while the machine sleeps, and may be set. */
  wallMs: number;
}

/** Milliseconds that have passed for everybody else. */
export interface PassedTime {
  passedMs: number;
  seen: Clocks;
}

/**
 * Goes on to a later look at the clocks. Where the wall clock has gone on by more than the other one, the machine has slept; somebody
 * may also have set the clock forward, which looks the same, so that it counts the same. A clock that was set back changes nothing.
 */
export function passedAt({ passedMs, seen }: PassedTime, now: Clocks): PassedTime {
  const awakeMs = now.monotonicMs - seen.monotonicMs;
  const sleptMs = now.wallMs - seen.wallMs - awakeMs;
  return { passedMs: passedMs + awakeMs + (sleptMs > MIN_SLEEP_MS ? sleptMs : 0), seen: now };
}
