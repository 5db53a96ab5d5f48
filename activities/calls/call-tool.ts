import { Context } from '@temporalio/activity';
import { type CallAnswer, type CallInput } from '../../src/domain/calls/calls';
import { type ErrorReport } from '../../src/base/errors';
import { didYouMean, nearMatches } from '../../src/base/nearest-names';
import { validateArguments } from '../../src/domain/calls/tool-arguments';
import { CallError } from '../../src/mcp/calls/call-error';
import { maskedRpcError } from '../../src/mcp/lists/masked-answers';
import { CallAttempt, MAX_ERROR_TEXT_LENGTH } from './call-attempt';
import { type CallContext } from './call-context';
import { isCallFailure } from './call-failure';
import { cutResult } from './cut-result';
import { type HostDeps } from '../deps';
import { noteLateAnswer } from './late-answer';
import { type Session } from '../session/session';
import { type ServerAnswer, storedWhenLarge, MAX_INLINE_RESULT_BYTES } from './stored-result';
import { type Serving } from '../server/supervised-server';
import {
  withCallSlot,
  isErrorResult,
  refuseWhenIsolated,
  serverFor,
  watched,
} from './waiting-call';
import { withGateway } from './with-gateway';
import { type JsonObject } from '../../src/base/json';

/**
 * Runs a tool. Until the first byte goes out every failure is "not sent" and Temporal retries; from then on nothing is
 * retried, unless the operator declared the tool safe to repeat.
 */
export async function callTool(
  deps: HostDeps,
  session: Session,
  input: CallInput,
  context: CallContext = Context.current(),
): Promise<CallAnswer> {
  const attempt = new CallAttempt(deps, session, input, context, deps.sent.attempts(input.callId));
  return session.server.retries.follow(input.callId, context.info.attempt, async () => {
    try {
      return await answerTo(deps, attempt, await run(deps, attempt));
    } catch (error) {
      return endWith(deps, attempt, error);
    }
  });
}

async function run(deps: HostDeps, attempt: CallAttempt): Promise<JsonObject> {
  const { session, input } = attempt;
  const serving = await serverFor(attempt);
  checkTool(attempt, serving);
  const spent = attempt.spent();
  if (spent) throw spent;
  return withCallSlot(attempt, () => {
    refuseWhenIsolated(attempt, input.tool);
    return watched(session, () => serving.calls.track(() => send(deps, attempt, serving)));
  });
}

/** Validates the arguments again if the tools have changed since the caller validated them. */
function checkTool(attempt: CallAttempt, { catalogue, spec }: Serving): void {
  const { input } = attempt;
  if (input.toolsHash === catalogue.toolsHash) return;
  const tool = catalogue.tools.find(({ name }) => name === input.tool);
  if (!tool) {
    const names = catalogue.tools.map(({ name }) => name);
    const hint = didYouMean(nearMatches(input.tool, names));
    throw attempt.didNotRun(
      'UNKNOWN_TOOL',
      `"${input.server}" has no tool "${input.tool}".${hint}`,
    );
  }
  const isChecked = spec.checkArguments ?? true;
  const problem = isChecked && validateArguments(tool, input.args);
  if (problem) throw attempt.didNotRun('INVALID_ARGUMENTS', problem);
}

async function send(
  deps: HostDeps,
  attempt: CallAttempt,
  { connection }: Serving,
): Promise<JsonObject> {
  const { sent } = deps;
  const { input, session, context } = attempt;
  const { attempt: number } = context.info;
  const call = { ...input, attempt: number };
  try {
    return await withGateway(
      deps,
      call,
      (details) => attempt.heartbeat(details),
      (listening) => {
        const sending = connection.callTool(input.tool, input.args, {
          timeoutMs: input.timeoutMs,
          signal: context.cancellationSignal,
          ...(input.meta && { meta: input.meta }),
          ...listening,
          onLateAnswer: (answer) => void noteLateAnswer(deps, attempt, answer),
          onSent: () => {
            // Last chance for a host that was frozen to keep the call from running twice.
            if (!session.lease.isHeld()) {
              throw new CallError('not-sent', 'this host lost the server');
            }
            // For whoever finds this host dead. The caller of a direct call notices that by itself.
            if (!context.isDirect) sent.add(input.callId, number);
            attempt.sentAtMs = Date.now();
          },
        });
        return attempt.noting(sending);
      },
    );
  } finally {
    if (!context.isDirect) sent.remove(input.callId, number);
  }
}

/** Reports the answer of the server; throws a failure when its tool may be retried after such an answer. */
async function answerTo(
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

/**
 * Decides in one place what an exception means, wherever it was thrown: the call is answered all the same, or ends in a
 * failure of ours. Nothing else may reach Temporal, which would rerun a call that was sent.
 */
async function endWith(deps: HostDeps, attempt: CallAttempt, error: unknown): Promise<CallAnswer> {
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
