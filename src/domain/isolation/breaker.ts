import { countsAgainstServer, type ErrorClass } from '../calls/error-class';
import { type Breaker, type BreakerPolicy, CLOSED, type IsolationOrder } from './isolation';

export type BreakerOrder = Extract<IsolationOrder, { order: 'breaker' }>['to'];

/** Decision about a call that would be sent now. */
export type Admission =
  /** Admits a call. A trial decides about a half-open breaker; meanwhile no other call is sent. */
  { admitted: true; isTrial: boolean; breaker: Breaker } | { admitted: false };

/**
 * Decides whether a call may be sent to the server. An open breaker becomes half-open with the first call after its
 * time.
 *
 * @param hasTrial - whether a trial is under way
 */
export function admit(
  policy: BreakerPolicy,
  breaker: Breaker,
  hasTrial: boolean,
  nowMs: number,
): Admission {
  if (breaker.state === 'closed') return { admitted: true, isTrial: false, breaker };
  if (refusesAt(policy, breaker, nowMs)) return { admitted: false };
  if (policy.failures === 0) return { admitted: true, isTrial: false, breaker: closed(breaker) };
  if (hasTrial) return { admitted: false };
  return { admitted: true, isTrial: true, breaker: halfOpen(breaker) };
}

/** Whether an open breaker still refuses everything, as far as can be told without knowing of trials. */
export function refusesAt(
  { failures }: BreakerPolicy,
  { state, openUntilMs }: Breaker,
  nowMs: number,
): boolean {
  if (state !== 'open') return false;
  // An operator opened it, and only an operator closes it.
  if (openUntilMs === undefined) return true;
  // A policy that was turned off meanwhile no longer refuses anything.
  return failures > 0 && nowMs < openUntilMs;
}

/**
 * Returns the breaker after a call that reached the server.
 *
 * @param error - undefined when it succeeded
 */
export function afterCall(
  policy: BreakerPolicy,
  breaker: Breaker,
  error: ErrorClass | undefined,
  nowMs: number,
): Breaker {
  // Calls that were sent before it opened add nothing new.
  if (breaker.state === 'open' || error === 'rate-limit') return breaker;
  if (error !== undefined && countsAgainstServer(error)) {
    return afterFailure(policy, breaker, error, nowMs);
  }
  if (breaker.state === 'closed') return breaker.failures === 0 ? breaker : closed(breaker);
  const successes = breaker.successes + 1;
  return successes >= policy.successes ? closed(breaker) : { ...breaker, failures: 0, successes };
}

function afterFailure(
  policy: BreakerPolicy,
  breaker: Breaker,
  error: ErrorClass,
  nowMs: number,
): Breaker {
  const failures = breaker.failures + 1;
  const counted: Breaker = { ...breaker, failures, lastError: error };
  if (policy.failures === 0) return { ...counted, state: 'closed' };
  if (breaker.state === 'closed' && failures < policy.failures) return counted;
  const openUntilMs = nowMs + policy.openMs;
  const nextTry = `next attempt at ${new Date(openUntilMs).toISOString()}`;
  const failed =
    failures === 1
      ? `a call failed with ${ERROR_TEXTS[error]}`
      : `${failures} calls in a row failed, the last with ${ERROR_TEXTS[error]}`;
  return { ...counted, state: 'open', successes: 0, openUntilMs, reason: `${failed}; ${nextTry}` };
}

/** Returns the breaker after an operator's order: `close` keeps the last error, `reset` nothing. */
export function afterOrder(breaker: Breaker, to: BreakerOrder, actor: string): Breaker {
  switch (to) {
    case 'open':
      return {
        ...closed(breaker),
        state: 'open',
        reason: `opened by ${actor} until it is closed manually`,
      };
    case 'close':
      return closed(breaker);
    case 'reset':
      return CLOSED;
  }
}

function halfOpen(breaker: Breaker): Breaker {
  if (breaker.state === 'half-open') return breaker;
  const { openUntilMs: _past, reason: _why, ...rest } = breaker;
  return { ...rest, state: 'half-open', successes: 0 };
}

function closed({ lastError }: Breaker): Breaker {
  return { ...CLOSED, ...(lastError && { lastError }) };
}

/** Whether a breaker has opened between the two. */
export function hasOpened(before: Breaker, after: Breaker): boolean {
  return before.state !== 'open' && after.state === 'open';
}

const ERROR_TEXTS: Record<ErrorClass, string> = {
  network: 'a network error',
  protocol: 'a protocol error',
  server: 'a server error',
  tool: 'a tool error',
  'rate-limit': 'a rate limit',
  auth: 'rejected credentials',
  timeout: 'a timeout',
  crash: 'a crash',
};
