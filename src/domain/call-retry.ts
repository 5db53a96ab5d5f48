import { type ErrorClass } from './error-class';

/** How calls of a tool that may be repeated are tried again. */
export interface CallRetryPolicy {
  /** `exponential-jitter`: a random part of each delay, so that callers do not come back all at once. */
  strategy: 'fixed' | 'linear' | 'exponential' | 'exponential-jitter';
  /** Before the second attempt. */
  delayMs: number;
  maxDelayMs: number;
  /** Attempts that reached the server, the first included. */
  maxAttempts: number;
  /** Errors after which it is tried again. */
  on: ErrorClass[];
}

export const DEFAULT_CALL_RETRY: CallRetryPolicy = {
  strategy: 'exponential-jitter',
  delayMs: 100,
  maxDelayMs: 10_000,
  maxAttempts: 3,
  on: ['network', 'server', 'rate-limit', 'timeout', 'crash'],
};
