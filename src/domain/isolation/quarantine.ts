import { type Quarantine, type QuarantinePolicy } from './isolation';

/** Longest quarantine that can be ordered with an end. */
export const MAX_QUARANTINE_MS = 366 * 86_400_000;

/** The n-th quarantine in a row (0 the first) lasts 2ⁿ times the first one, up to the maximum. In ms. */
function quarantineMs({ initialMs, maxMs }: QuarantinePolicy, quarantines: number): number {
  return Math.min(maxMs, initialMs * 2 ** quarantines);
}

/**
 * The quarantine that follows errors in a row, or a probe that failed.
 *
 * @param quarantines - how many came before it without a success in between
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

/** The quarantine that an operator orders. */
export function orderedQuarantine(
  { forMs, reason }: { forMs?: number; reason?: string },
  actor: string,
  nowMs: number,
): Quarantine {
  return {
    cause: 'operator',
    reason: reason ?? `requested by ${actor}`,
    sinceMs: nowMs,
    // Beyond the limit there is no date that could be shown.
    ...(forMs !== undefined && { untilMs: nowMs + Math.min(forMs, MAX_QUARANTINE_MS) }),
  };
}

/** What an owner sees of its server that counts: a failed health round and an opening of the breaker are errors. */
export type Sight = 'error' | 'success';

/** Errors in a row after one more sight. */
export function countErrors(errors: number, sight: Sight): number {
  return sight === 'error' ? errors + 1 : 0;
}

/** Whether so many errors in a row want a quarantine. */
export function isQuarantineDue(policy: QuarantinePolicy, errors: number): boolean {
  return policy.errors > 0 && errors >= policy.errors;
}

/** Whether a probe decides about the end of a quarantine, and at what time. */
export function probeAtMs(quarantine: Quarantine | undefined): number | undefined {
  return quarantine?.cause === 'errors' ? quarantine.untilMs : undefined;
}
