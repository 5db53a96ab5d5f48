import { type Quarantine, type QuarantinePolicy } from './isolation';

/** Longest quarantine that can be ordered with an end. */
export const MAX_QUARANTINE_MS = 366 * 86_400_000;

/** Returns the length of the n-th quarantine in a row (0 is the first) in ms: 2ⁿ times the first one, up to the maximum. */
function quarantineMs({ initialMs, maxMs }: QuarantinePolicy, quarantines: number): number {
  return Math.min(maxMs, initialMs * 2 ** quarantines);
}

/**
 * Returns the quarantine that follows consecutive errors, or a failed probe.
 *
 * @param quarantines - number of quarantines before it without a success in between
 */
export function nextQuarantine(
  policy: QuarantinePolicy,
  quarantines: number,
  reason: string,
  nowMs: number,
): Quarantine {
  const untilMs = nowMs + quarantineMs(policy, quarantines);
  return { cause: 'errors', reason, sinceMs: nowMs, untilMs };
}

/** Returns the quarantine that an operator orders. */
export function orderedQuarantine(
  { forMs, reason }: { forMs?: number; reason?: string },
  actor: string,
  nowMs: number,
): Quarantine {
  return {
    cause: 'operator',
    reason: reason ?? `requested by ${actor}`,
    sinceMs: nowMs,
    // Dates beyond the limit cannot be shown.
    ...(forMs !== undefined && { untilMs: nowMs + Math.min(forMs, MAX_QUARANTINE_MS) }),
  };
}

/** Observation of an owner that counts: a failed health round and an opening of the breaker are errors. */
export type OwnerObservation = 'error' | 'success';

/** Returns the number of consecutive errors after one more observation. */
export function countErrors(errors: number, observation: OwnerObservation): number {
  return observation === 'error' ? errors + 1 : 0;
}

/** Whether so many consecutive errors require a quarantine. */
export function isQuarantineDue(policy: QuarantinePolicy, errors: number): boolean {
  return policy.errors > 0 && errors >= policy.errors;
}

/** Returns the time at which a probe decides about the end of a quarantine, in ms; undefined when none does. */
export function probeAtMs(quarantine: Quarantine | undefined): number | undefined {
  return quarantine?.cause === 'errors' ? quarantine.untilMs : undefined;
}
