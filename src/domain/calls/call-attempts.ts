import { type CallHeartbeat } from './calls';

/** Silence of a host after which its calls end as OUTCOME_UNKNOWN. */
export const CALL_HEARTBEAT_TIMEOUT_MS = 5_000;
/** Margin beyond the call's own timeout: time for the host to report the timeout itself. */
export const CALL_TIMEOUT_MARGIN_MS = 5_000;

/** Temporal's error types for an attempt whose host has gone silent: it may have sent the call. */
const SILENT_HOST_ERRORS = ['TemporalTimeout:Heartbeat', 'TemporalTimeout:StartToClose'];

/**
 * Error types of the worker's SDK for failures that no activity has thrown on purpose: an answer or a heartbeat that
 * could not be converted, an exception that escaped. Failures that Mainspring lets Temporal retry carry one of its own
 * codes.
 */
const UNPLANNED_ERRORS = [
  ...['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'URIError', 'EvalError'],
  ...['AggregateError', 'AbortError', 'IllegalStateError', 'ValueError', 'PayloadConverterError'],
  ...['CancelledFailure', 'CallError', 'MainspringError'],
];

const FIRST_INTERVAL_MS = 50;
const BACKOFF = 1.5;
const MAX_INTERVAL_MS = 1_000;
/** Attempts before the pauses between them have reached the longest, and as many again in reserve. */
const SPARE_ATTEMPTS = 20;
/** Shortest pause that repeats: that of a server which turns calls away (call-retry.ts). */
const SHORTEST_PAUSE_MS = 500;

/** Temporal's retry policy, as its SDK takes it. */
export interface AttemptPolicy {
  initialInterval: number;
  backoffCoefficient: number;
  maximumInterval: number;
  maximumAttempts?: number;
  nonRetryableErrorTypes: string[];
}

/**
 * Returns how Temporal retries a call that a host could not send. The hosts decide what is retried; this is the second
 * line of defence. A call that must not be repeated gets no more attempts than its time in the queue can need.
 *
 * @param repeatable - the operator has declared that it may reach the server more than once
 */
export function attemptPolicy(call: {
  repeatable: boolean;
  queueTimeoutMs: number;
}): AttemptPolicy {
  const pauses = {
    initialInterval: FIRST_INTERVAL_MS,
    backoffCoefficient: BACKOFF,
    maximumInterval: MAX_INTERVAL_MS,
  };
  if (call.repeatable) return { ...pauses, nonRetryableErrorTypes: UNPLANNED_ERRORS };
  const maximumAttempts = SPARE_ATTEMPTS + Math.ceil(call.queueTimeoutMs / SHORTEST_PAUSE_MS);
  return {
    ...pauses,
    maximumAttempts,
    nonRetryableErrorTypes: [...SILENT_HOST_ERRORS, ...UNPLANNED_ERRORS],
  };
}

/** Whether Temporal retries a call with this policy although its host may have sent it. */
export function isRetriedInDoubt(policy: {
  nonRetryableErrorTypes?: readonly string[] | null;
}): boolean {
  return !SILENT_HOST_ERRORS.some((type) => policy.nonRetryableErrorTypes?.includes(type));
}

/** Facts about a call between two of its attempts. */
export interface AttemptFacts {
  /** Number of the attempt that is due, from 1. */
  attempt: number;
  /** Result of `isRetriedInDoubt`. */
  inDoubt: boolean;
  /** Last heartbeat that arrived. */
  heartbeat: CallHeartbeat | undefined;
}

/**
 * Returns how many attempts before this one may have reached the server. Where Temporal retries in doubt, each attempt
 * counts that no heartbeat accounts for: its host may have died before the first one. Elsewhere only calls that were
 * not sent are retried.
 */
export function countPossiblySent({ attempt, inDoubt, heartbeat }: AttemptFacts): number {
  const { sent, upTo = 0 } = heartbeat ?? { sent: 0 };
  const unaccounted = inDoubt ? Math.max(0, attempt - 1 - upTo) : 0;
  return sent + unaccounted;
}
