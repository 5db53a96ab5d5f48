import { ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import {
  type CallAnswer,
  type CallFailureDetails,
  type CallOutcome,
  isCallFailureDetails,
  type Outcome,
  timingOf,
} from '../../domain/calls/calls';
import {
  ERROR_FIXES,
  withServerName,
  type ErrorCode,
  isErrorCode,
  MainspringError,
  reportOf,
} from '../../base/errors';
import { type ResultStore } from '../../store/store';
import { type StoredAnswer, storedAnswer } from './stored-answer';

/** Identity of the call that an outcome belongs to. */
export type CallIdentity = Pick<CallOutcome, 'callId' | 'correlationId' | 'server' | 'tool'>;

const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNKNOWN_SERVER',
  'UNKNOWN_TOOL',
  'INVALID_ARGUMENTS',
  'ARGUMENTS_TOO_LARGE',
  'SERVER_NOT_RUNNING',
  'SERVER_DISABLED',
  'LOGIN_REQUIRED',
  'CIRCUIT_OPEN',
  'SERVER_QUARANTINED',
  'TOOL_QUARANTINED',
  'SERVER_IN_MAINTENANCE',
  'QUEUE_FULL',
  'IDEMPOTENCY_CONFLICT',
  'WRONG_USAGE',
]);

/** Returns the outcome of a call whose server answered. */
export async function outcomeOfAnswer(
  call: CallIdentity,
  answer: CallAnswer,
  results: ResultStore,
): Promise<CallOutcome> {
  const { outcome, error, truncated } = answer;
  const ended = { ...call, outcome, ...timingOf(answer) };
  const isStored = answer.resultRef !== undefined || answer.rpcErrorRef !== undefined;
  let found: StoredAnswer = answer;
  try {
    if (isStored) found = await storedAnswer(answer, results);
  } catch (failure) {
    return { ...ended, error: reportOf(failure) }; // how it ended is known nevertheless
  }
  const { result, rpcError } = found;
  if (!result && !rpcError && isStored) {
    const message = `The result of ${call.callId} is not stored in this data directory.`;
    const fix = ERROR_FIXES.RESULT_EXPIRED;
    return { ...ended, error: { code: 'RESULT_EXPIRED', message, fix } };
  }
  return {
    ...ended,
    ...(result && { result }),
    ...(error && { error }),
    ...(rpcError && { rpcError }),
    ...(truncated && { truncated }),
  };
}

/**
 * Returns the outcome of a call without an answer. A call that Temporal ended before any host had it did not run; one
 * that a host had and did not report back is unknown.
 *
 * @param sent - attempts that may have reached the server, for calls that Temporal ended
 */
export function outcomeOfFailure(
  call: CallIdentity,
  cause: Error | undefined,
  submittedAtMs: number,
  sent = 0,
): CallOutcome {
  const details = detailsOf(cause);
  const waitedMs = Math.max(0, Date.now() - submittedAtMs);
  const ended = (
    outcome: Outcome,
    code: ErrorCode,
    message: string,
    fix?: string,
  ): CallOutcome => ({
    ...call,
    outcome,
    error: { code, message, fix: withServerName(fix ?? ERROR_FIXES[code], call.server) },
    queuedMs: waitedMs,
    ranMs: 0,
    ...(details && timingOf(details)),
  });
  if (sent > 0 && details === undefined) {
    const message = `The call ended before its next attempt: ${cause?.message ?? 'no reason given'}. It is unknown whether "${call.tool}" ran.`;
    return ended('unknown', 'OUTCOME_UNKNOWN', message);
  }
  if (cause instanceof CancelledFailure) {
    const outcome = details?.outcome ?? 'failed';
    return ended(outcome, 'CALL_CANCELLED', cancelledText(outcome, details?.reason));
  }
  if (cause instanceof TimeoutFailure) {
    if (cause.timeoutType === 'SCHEDULE_TO_START') {
      const message = `"${call.server}" did not accept the call within its queue timeout. The call did not run.`;
      return ended('failed', 'QUEUE_TIMEOUT', message);
    }
    const message = `The host of "${call.server}" was lost during the call. It is unknown whether "${call.tool}" ran.`;
    return ended('unknown', 'OUTCOME_UNKNOWN', message);
  }
  if (cause instanceof ApplicationFailure) {
    const outcome = details?.outcome ?? 'unknown';
    // It would have been retried if it had not been cancelled meanwhile.
    const other = outcome === 'failed' ? 'CALL_CANCELLED' : 'INTERNAL_ERROR';
    return ended(outcome, isErrorCode(cause.type) ? cause.type : other, cause.message);
  }
  const message = cause?.message ?? 'no reason given';
  return ended('unknown', 'OUTCOME_UNKNOWN', `The call was terminated externally: ${message}.`);
}

function cancelledText(outcome: Outcome, reason: string | undefined): string {
  const when = outcome === 'failed' ? 'before it ran' : 'while it was running';
  if (reason === undefined) return `The call was cancelled ${when}.`;
  if (reason.startsWith('cancelled')) return `The call was ${reason}.`;
  return `The call was cancelled ${when}: ${reason}.`;
}

/** Whether the host that had the call has reported how it ended, and put it into the index. */
export function isSeenByHost(cause: Error | undefined): boolean {
  const details = detailsOf(cause);
  return details !== undefined && details.hostLost !== true;
}

/** Whether a host had the call and went away. */
export function isHostLost(cause: Error | undefined): boolean {
  if (!(cause instanceof TimeoutFailure)) return detailsOf(cause)?.hostLost === true;
  return cause.timeoutType !== 'SCHEDULE_TO_START';
}

/** Returns the outcome of a call that was refused before it was submitted; any other error is rethrown. */
export function outcomeOfRefusal(
  { server, tool, correlationId }: Pick<CallOutcome, 'server' | 'tool' | 'correlationId'>,
  error: unknown,
): CallOutcome {
  if (!(error instanceof MainspringError) || !REFUSALS.has(error.code)) throw error;
  const call = { callId: '', correlationId, server, tool };
  return { ...call, outcome: 'failed', error: error.report(), queuedMs: 0, ranMs: 0 };
}

/**
 * Returns the outcome of a call of a batch when Mainspring could not be reached: it is unknown until the same key gives
 * the answer later.
 */
export function outcomeOfTrouble(
  { server, tool, correlationId }: Pick<CallOutcome, 'server' | 'tool' | 'correlationId'>,
  error: unknown,
): CallOutcome {
  if (!(error instanceof MainspringError)) throw error;
  const call = { callId: '', correlationId, server, tool };
  return { ...call, outcome: 'unknown', error: error.report(), queuedMs: 0, ranMs: 0 };
}

/** Returns what `callTool` put into its failure; undefined when Temporal ended the call by itself. */
function detailsOf(cause: Error | undefined): CallFailureDetails | undefined {
  const isOurs = cause instanceof ApplicationFailure || cause instanceof CancelledFailure;
  const first: unknown = isOurs ? cause.details?.[0] : undefined;
  return isCallFailureDetails(first) ? first : undefined;
}
