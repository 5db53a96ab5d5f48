import { z } from 'zod';
import { DEFAULT_CALL_RETRY, type CallRetryPolicy } from '../../domain/calls/call-retry';
import { ERROR_CLASSES } from '../../domain/calls/error-class';
import {
  type BreakerPolicy,
  DEFAULT_BREAKER,
  DEFAULT_QUARANTINE,
  type QuarantinePolicy,
} from '../../domain/isolation/isolation';
import { DEFAULT_RETRY, type RetrySpec } from '../../domain/spec';
import { durationField, toMs } from './duration-field';
import { whole } from './number-fields';
import { nonEmpty } from './text-fields';

const MAX_ATTEMPTS = 100;
const MAX_ERRORS = 1_000;

const callRetry = z.strictObject({
  strategy: z.enum(['fixed', 'linear', 'exponential', 'exponential-jitter']).optional(),
  delay: durationField(0).optional(),
  maxDelay: durationField(0).optional(),
  maxAttempts: whole(1, MAX_ATTEMPTS).optional(),
  /** Error classes that are retried. */
  on: z.array(z.enum(ERROR_CLASSES)).optional(),
});

export const retryField = z.strictObject({
  tools: z.array(nonEmpty).optional(),
  trustAnnotations: z.boolean().optional(),
  maxAttempts: whole(1, MAX_ATTEMPTS).optional(),
  /** Policies by tool; an entry declares the tool safe to run more than once. */
  policies: z.record(nonEmpty, callRetry).optional(),
});

export const breakerField = z.strictObject({
  /** Consecutive failures that open the breaker; 0: never. */
  failures: whole(0, MAX_ERRORS).optional(),
  openFor: durationField(1).optional(),
  /** Consecutive successes that close it again. */
  successes: whole(1, MAX_ERRORS).optional(),
});

export const quarantineField = z.strictObject({
  /** Consecutive errors before quarantine; 0: never. */
  errors: whole(0, MAX_ERRORS).optional(),
  initial: durationField(1).optional(),
  max: durationField(1).optional(),
});

export function retryOf(written: z.infer<typeof retryField> = {}): RetrySpec {
  const policies = Object.entries(written.policies ?? {});
  return {
    tools: written.tools ?? DEFAULT_RETRY.tools,
    trustAnnotations: written.trustAnnotations ?? DEFAULT_RETRY.trustAnnotations,
    maxAttempts: written.maxAttempts ?? DEFAULT_RETRY.maxAttempts,
    ...(policies.length > 0 && {
      policies: Object.fromEntries(policies.map(([tool, policy]) => [tool, callRetryOf(policy)])),
    }),
  };
}

function callRetryOf(written: z.infer<typeof callRetry>): CallRetryPolicy {
  return {
    strategy: written.strategy ?? DEFAULT_CALL_RETRY.strategy,
    delayMs: toMs(written.delay ?? DEFAULT_CALL_RETRY.delayMs),
    maxDelayMs: toMs(written.maxDelay ?? DEFAULT_CALL_RETRY.maxDelayMs),
    maxAttempts: written.maxAttempts ?? DEFAULT_CALL_RETRY.maxAttempts,
    on: written.on ?? DEFAULT_CALL_RETRY.on,
  };
}

export function breakerOf(written: z.infer<typeof breakerField>): BreakerPolicy {
  return {
    failures: written.failures ?? DEFAULT_BREAKER.failures,
    openMs: toMs(written.openFor ?? DEFAULT_BREAKER.openMs),
    successes: written.successes ?? DEFAULT_BREAKER.successes,
  };
}

export function quarantineOf(written: z.infer<typeof quarantineField>): QuarantinePolicy {
  return {
    errors: written.errors ?? DEFAULT_QUARANTINE.errors,
    initialMs: toMs(written.initial ?? DEFAULT_QUARANTINE.initialMs),
    maxMs: toMs(written.max ?? DEFAULT_QUARANTINE.maxMs),
  };
}
