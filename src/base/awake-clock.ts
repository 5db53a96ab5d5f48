/**
 * Shortest difference between two clocks that counts as sleep: longer than an NTP correction, or than the time between
 * reading both.
 */
const MIN_SLEEP_MS = 250;

/** Readings of both clocks of a machine at one moment. */
export interface Clocks {
  /** Stops while the machine sleeps; cannot be set. */
  monotonicMs: number;
  /** Runs on while the machine sleeps; can be set. */
  wallMs: number;
}

/** Milliseconds that have passed outside of this machine. */
export interface PassedTime {
  passedMs: number;
  reading: Clocks;
}

/**
 * Advances the passed time to a later reading of the clocks. When the wall clock has advanced further than the
 * monotonic one, the machine has slept. A clock that was set forward looks the same, so it counts the same. A clock
 * that was set back changes nothing.
 */
export function passedTimeAt({ passedMs, reading: reading }: PassedTime, now: Clocks): PassedTime {
  const awakeMs = now.monotonicMs - reading.monotonicMs;
  const sleptMs = now.wallMs - reading.wallMs - awakeMs;
  return { passedMs: passedMs + awakeMs + (sleptMs > MIN_SLEEP_MS ? sleptMs : 0), reading: now };
}
