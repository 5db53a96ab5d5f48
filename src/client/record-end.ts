import { TimeoutFailure, TimeoutType } from '@temporalio/common';
import { type CallOutcome, type CallRecord } from '../domain/calls';
import { type CallIndex } from '../store/store';

interface Ended {
  principal: string;
  submittedAtMs: number;
  cause: Error | undefined;
  /** The last attempt that Temporal made. */
  attempt: number;
}

/** Puts a call into the index that Temporal ended: no host has seen its end. Nothing waits for it. */
export function recordEnd(calls: CallIndex, outcome: CallOutcome, ended: Ended): void {
  const { callId, server, tool, correlationId, error, queuedMs, ranMs } = outcome;
  const { principal, submittedAtMs, cause, attempt } = ended;
  const record: CallRecord = {
    ...{ callId, server, tool, principal, correlationId, error, queuedMs, ranMs, submittedAtMs },
    status: outcome.outcome,
    endedAtMs: Date.now(),
    attempts: attempt,
    ...(isHostLost(cause) && { errorClass: 'crash' }),
  };
  calls.put([record]).catch(() => undefined); // the index is for looking; the outcome is in Temporal
}

function isHostLost(cause: Error | undefined): boolean {
  if (!(cause instanceof TimeoutFailure)) return false;
  const { HEARTBEAT, START_TO_CLOSE } = TimeoutType;
  return cause.timeoutType === HEARTBEAT || cause.timeoutType === START_TO_CLOSE;
}
