import { type ErrorClass } from './error-class';

/** Retry policy for calls of a tool that may be repeated. */
export interface CallRetryPolicy {
  /** `exponential-jitter` makes part of each delay random, so that callers do not retry all at once. */
  strategy: 'fixed' | 'linear' | 'exponential' | 'exponential-jitter';
  /** Delay before the second attempt. */
  delayMs: number;
  maxDelayMs: number;
  /** Maximum of attempts that reach the server, the first included. */
  maxAttempts: number;
  /** Classes of errors that are retried. */
  on: ErrorClass[];
}

export const DEFAULT_CALL_RETRY: CallRetryPolicy = {
  strategy: 'exponential-jitter',
  delayMs: 100,
  maxDelayMs: 10_000,
  maxAttempts: 3,
  on: ['network', 'server', 'rate-limit', 'timeout', 'crash'],
};

export type RetryDecision =
  { action: 'retry'; delayMs: number; reason: string } | { action: 'stop'; reason: string };

/** An attempt that has failed. */
export interface FailedAttempt {
  /** Attempts that reached the server so far, this one included. */
  attempt: number;
  /** Absent when the error says nothing about the server. */
  errorClass: ErrorClass | undefined;
  /** Pause that the server requested. */
  retryAfterMs?: number | undefined;
}

/**
 * Decides whether a call that reached the server and may be repeated is retried.
 *
 * @param random - from 0 to 1
 */
export function nextAttempt(
  policy: CallRetryPolicy,
  { attempt, errorClass, retryAfterMs = 0 }: FailedAttempt,
  random: number,
): RetryDecision {
  if (errorClass === undefined || !policy.on.includes(errorClass)) {
    return { action: 'stop', reason: `not retried after ${classText(errorClass)}` };
  }
  if (attempt >= policy.maxAttempts) {
    return { action: 'stop', reason: `tried ${timesText(attempt)}` };
  }
  if (retryAfterMs > policy.maxDelayMs) {
    const request = `the server requested a pause of ${retryAfterMs} ms`;
    return {
      action: 'stop',
      reason: `${request}, longer than the maximum of ${policy.maxDelayMs} ms`,
    };
  }
  const delayMs = Math.max(retryAfterMs, delayBefore(policy, attempt + 1, random));
  const reason = `attempt ${attempt + 1} of ${policy.maxAttempts} in ${delayMs} ms`;
  return { action: 'retry', delayMs, reason };
}

/** Pauses for a server that requests one without Retry-After. */
const DEFAULT_PAUSES: CallRetryPolicy = { ...DEFAULT_CALL_RETRY, delayMs: 500 };
/** Part of a requested pause that is added at random, so that callers do not retry all at once. */
const PAUSE_JITTER = 0.1;

/** Call that was turned away with "too many requests". It did not run, so only its queue time bounds its attempts. */
export interface RateLimitedAttempt {
  /** Number of attempts so far, this one included. */
  attempt: number;
  retryAfterMs?: number | undefined;
  queueTimeLeftMs: number;
}

/** Decides whether such a call waits for the end of the pause. */
export function afterRateLimit(
  { attempt, retryAfterMs, queueTimeLeftMs }: RateLimitedAttempt,
  random: number,
): RetryDecision {
  const pauseMs = retryAfterMs ?? delayBefore(DEFAULT_PAUSES, attempt + 1, random);
  // A call that may return immediately and is turned away again must not return as often as the network allows.
  const requestedMs = attempt > 1 ? Math.max(pauseMs, DEFAULT_PAUSES.delayMs) : pauseMs;
  if (requestedMs >= queueTimeLeftMs) {
    const wait = `the server requested a pause of ${requestedMs} ms`;
    return {
      action: 'stop',
      reason: `${wait}, but the call can only wait ${queueTimeLeftMs} ms longer`,
    };
  }
  const delayMs = Math.round(
    requestedMs + Math.min(requestedMs * PAUSE_JITTER * random, queueTimeLeftMs - requestedMs),
  );
  return { action: 'retry', delayMs: Math.max(1, delayMs), reason: `retrying in ${delayMs} ms` };
}

/** Returns the delay before an attempt, from the second on, in ms; at least 1, because Temporal takes 0 as unset. */
function delayBefore(
  { strategy, delayMs, maxDelayMs }: CallRetryPolicy,
  attempt: number,
  random: number,
): number {
  const doubled = Math.min(maxDelayMs, delayMs * 2 ** (attempt - 2));
  switch (strategy) {
    case 'fixed':
      return atLeastOne(Math.min(maxDelayMs, delayMs));
    case 'linear':
      return atLeastOne(Math.min(maxDelayMs, delayMs * (attempt - 1)));
    case 'exponential':
      return atLeastOne(doubled);
    case 'exponential-jitter':
      return atLeastOne(doubled * (1 - random / 2)); // at least half of it, so that the server has its pause
  }
}

const atLeastOne = (delayMs: number) => Math.max(1, Math.round(delayMs));

const timesText = (times: number) => (times === 1 ? 'once' : `${times} times`);

const classText = (errorClass: ErrorClass | undefined) =>
  errorClass === undefined ? 'this error' : `an error of class ${errorClass}`;
