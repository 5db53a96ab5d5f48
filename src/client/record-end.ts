import { type CallOutcome, type CallRecord } from '../domain/calls';
import { type CallIndex } from '../store/store';
import { isHostLost } from './outcome-of';

interface Ended {
  principal: string;
  submittedAtMs: number;
  cause: Error | undefined;
  /** The last attempt that Temporal made. */
  attempt: number;
}

/** Puts a call into the index of which no host has seen the end. Nothing waits for it. */
export function recordEnd(calls: CallIndex, outcome: CallOutcome, ended: Ended): void {
  const { callId, server, tool, correlationId, error, queuedMs, ranMs } = outcome;
  const { principal, submittedAtMs, cause, attempt } = ended;
  const record: CallRecord = {
    ...{ callId, server, tool, principal, correlationId, error, queuedMs, ranMs, submittedAtMs },
    status: outcome.outcome,
    endedAtMs: Date.now(),
    attempts: attempt,
    ...(outcome.outcome === 'unknown' && isHostLost(cause) && { errorClass: 'crash' }),
  };
  calls.put([record]).catch(() => undefined); // the index is for looking; the outcome is in Temporal
}
