import { type CallOutcome, type CallRecord, timingOf } from '../../domain/calls/calls';
import { type CallIndex } from '../../store/store';
import { isHostLost } from './call-outcome';

interface Ended {
  principal: string;
  submittedAtMs: number;
  cause: Error | undefined;
  /** Number of attempts that may have reached the server. */
  reached: number;
}

/** Puts a call into the index whose end no host has seen. Nothing waits for it. */
export function recordEnd(calls: CallIndex, outcome: CallOutcome, ended: Ended): void {
  const { callId, server, tool, correlationId, error } = outcome;
  const { principal, submittedAtMs, cause, reached } = ended;
  const record: CallRecord = {
    callId,
    server,
    tool,
    principal,
    correlationId,
    error,
    submittedAtMs,
    attempts: reached,
    ...timingOf(outcome),
    status: outcome.outcome,
    endedAtMs: Date.now(),
    ...(outcome.outcome === 'unknown' && isHostLost(cause) && { errorClass: 'crash' }),
  };
  calls.put([record]).catch(() => undefined); // the index is only informational; the outcome is in Temporal
}
