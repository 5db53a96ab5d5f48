import { type ErrorReport } from '../../src/base/errors';
import { type JsonObject } from '../../src/base/json';
import { type CallAnswer } from '../../src/domain/calls/calls';
import { CallError } from '../../src/mcp/calls/call-error';
import { maskedRpcError } from '../../src/mcp/lists/masked-answers';
import { type HostDeps } from '../deps';
import { type CallAttempt, MAX_ERROR_TEXT_LENGTH } from './call-attempt';
import { isCallFailure } from './call-failure';
import { cutResult } from './cut-result';
import { MAX_INLINE_RESULT_BYTES, type ServerAnswer, storedWhenLarge } from './stored-result';
import { isErrorResult } from './waiting-call';

/**
 * Decides in one place what an exception means, wherever it was thrown: the call is answered all the same, or ends in a
 * failure of ours. Nothing else may reach Temporal, which would rerun a call that was sent.
 */
export async function decideOutcome(
  deps: HostDeps,
  attempt: CallAttempt,
  error: unknown,
): Promise<CallAnswer> {
  try {
    if (isCallFailure(error)) throw error;
    if (!(error instanceof CallError)) logUnexpected(attempt, error);
    // An answer that has arrived is not lost because something else went wrong.
    const end = error instanceof CallError ? error : attempt.end;
    if (end instanceof CallError) return await endWithCallError(deps, attempt, end);
    if (end) return await answerTo(deps, attempt, end);
    throw attempt.unexpected(error);
  } catch (failure) {
    if (isCallFailure(failure)) throw failure;
    throw attempt.lastResort();
  }
}

/** Reports the answer of the server; throws a failure when its tool may be retried after such an answer. */
export async function answerTo(
  deps: HostDeps,
  attempt: CallAttempt,
  result: JsonObject,
): Promise<CallAnswer> {
  if (!isErrorResult(result)) return reported(deps, attempt, { result });
  const rejected = new CallError('rejected', textOf(result), { errorClass: 'tool' });
  const again = attempt.again(rejected);
  if (again) throw again;
  return reported(deps, attempt, { result }, rejected);
}

/** @param rejected - the error that the answer stands for */
async function reported(
  deps: HostDeps,
  attempt: CallAttempt,
  answer: ServerAnswer,
  rejected?: CallError,
): Promise<CallAnswer> {
  const { input, context } = attempt;
  const outcome = rejected ? 'tool_error' : 'ok';
  const error = rejected && attempt.toolError(rejected.message);
  const kept = context.isDirect
    ? answer
    : await storedWhenLarge(deps.store.results, input.callId, answer);
  const members = 'notStored' in kept ? cutAnswer(answer, kept.notStored) : kept;
  return attempt.answered(outcome, { ...(error && { error }), ...members }, rejected?.errorClass);
}

function cutAnswer(answer: ServerAnswer, error: ErrorReport) {
  if ('result' in answer) {
    const result = cutResult(answer.result, MAX_INLINE_RESULT_BYTES, error.message);
    return { result, error, truncated: true } as const;
  }
  const { code, message } = answer.rpcError;
  const rpcError = { code, message: message.slice(0, MAX_ERROR_TEXT_LENGTH) };
  return { rpcError, error, truncated: true } as const;
}

function logUnexpected(attempt: CallAttempt, error: unknown): void {
  const { callId } = attempt.input;
  try {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    attempt.context.log.error('unexpected error during a call', {
      callId,
      error: attempt.masked(text),
    });
  } catch {
    // how the call ends matters more
  }
}

async function endWithCallError(
  deps: HostDeps,
  attempt: CallAttempt,
  error: CallError,
): Promise<CallAnswer> {
  const { input, context } = attempt;
  if (error.kind === 'not-sent') deps.sent.withdraw(input.callId, context.info.attempt);
  if (error.kind !== 'rejected') throw attempt.failure(error);
  const again = attempt.again(error);
  if (again) throw again;
  const { rpcError } = error;
  if (rpcError) {
    const masked = maskedRpcError(rpcError, attempt.masked);
    return reported(deps, attempt, { rpcError: masked }, error);
  }
  const answer = { error: attempt.toolError(error.message) };
  return attempt.answered('tool_error', answer, error.errorClass);
}

function textOf({ content }: JsonObject): string {
  const first = Array.isArray(content) ? content[0] : undefined;
  const isText = first !== null && typeof first === 'object' && 'text' in first;
  return isText && typeof first.text === 'string' ? first.text : 'the tool answered with an error';
}
