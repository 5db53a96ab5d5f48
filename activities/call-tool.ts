import { Context } from '@temporalio/activity';
import { type CallAnswer, type CallInput, type JsonObject } from '../src/domain/calls';
import { MAX_HELD_MS, MAX_INLINE_RESULT_BYTES } from '../src/domain/limits';
import { nearMatches } from '../src/domain/near-matches';
import { validateArguments } from '../src/domain/tool-arguments';
import { CallError } from '../src/mcp/call-error';
import { CallAttempt } from './call-attempt';
import { type HostDeps } from './deps';
import { heartbeatLazily } from './lazy-heartbeats';
import { type Session } from './session';
import { type Serving } from './supervised-server';

/**
 * Runs a tool. Until the first byte goes out every failure is "not sent" and Temporal tries again; from then on
 * nothing is tried again, unless the operator declared the tool safe to repeat.
 */
export async function callTool(
  deps: HostDeps,
  session: Session,
  input: CallInput,
): Promise<CallAnswer> {
  const attempt = new CallAttempt(deps, session, input, Context.current());
  try {
    const serving = await serverFor(attempt);
    checkTool(attempt, serving);
    const spent = attempt.spent();
    if (spent) throw spent;
    refuseWhenIsolated(attempt);
    const result = await watched(session, () =>
      serving.calls.track(() => send(deps, attempt, serving)),
    );
    return await answerWith(deps, attempt, result);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (error.kind !== 'rejected') throw attempt.failure(error);
    const again = attempt.again(error);
    if (again) throw again;
    const report = attempt.toolError(error.message);
    return attempt.answered('tool_error', { error: report }, error.errorClass);
  }
}

/**
 * The child that answers. A call waits here only for a restart that is under way; then it goes back to the queue, where
 * it is safe from the loss of this host, which would end a call that is held here as unknown.
 */
async function serverFor(attempt: CallAttempt): Promise<Serving> {
  const { session, context } = attempt;
  refuseWhenEnding(attempt);
  if (session.server.serving) return session.server.serving;
  const heldFor = AbortSignal.timeout(Math.min(MAX_HELD_MS, attempt.queueTimeLeftMs()));
  const signal = AbortSignal.any([context.cancellationSignal, heldFor]);
  const serving = await session.server.whenServing(signal);
  if (serving) return serving;
  refuseWhenEnding(attempt);
  if (context.cancellationSignal.aborted) throw new CallError('not-sent', 'cancelled in the queue');
  if (attempt.queueTimeLeftMs() > 0) throw new CallError('not-sent', 'the server does not answer');
  throw waitedTooLong(attempt, 'did not answer');
}

function waitedTooLong(attempt: CallAttempt, why: string): Error {
  const { server, queueTimeoutMs } = attempt.input;
  const waited = `"${server}" ${why} within ${queueTimeoutMs} ms`;
  return attempt.didNotRun('QUEUE_TIMEOUT', `${waited}: the call did not run.`);
}

function refuseWhenEnding(attempt: CallAttempt): void {
  const { session, input } = attempt;
  if (session.ending === 'stopping') {
    throw attempt.didNotRun(
      'SERVER_NOT_RUNNING',
      `"${input.server}" was stopped before the call ran.`,
    );
  }
  if (session.ending || !session.lease.isHeld()) {
    throw new CallError('not-sent', 'this host gives the server up');
  }
}

/** The last look before it is sent: what is let through has to be followed to its end (`watched`). */
function refuseWhenIsolated(attempt: CallAttempt): void {
  const { isolation } = attempt.session;
  if (isolation.holdsCalls) {
    // Its slot was given out before the maintenance began: it goes back to the queue.
    if (attempt.queueTimeLeftMs() > 0) throw new CallError('not-sent', 'it is in maintenance');
    throw waitedTooLong(attempt, 'was in maintenance and did not answer');
  }
  const refusal = isolation.refusal(attempt.input.tool);
  if (refusal) throw attempt.didNotRun(refusal.code, refusal.message);
}

/** Tells the isolation of the server how a call went that it has let through. */
async function watched(
  { isolation }: Session,
  call: () => Promise<JsonObject>,
): Promise<JsonObject> {
  try {
    const result = await call();
    isolation.sawCall(isErrorResult(result) ? 'tool' : undefined);
    return result;
  } catch (error) {
    if (error instanceof CallError && error.reachedServer) isolation.sawCall(error.errorClass);
    else isolation.sawNothing();
    throw error;
  }
}

/** The caller validated against the tools that it knew; if they have changed since, it is done again. */
function checkTool(attempt: CallAttempt, { catalogue }: Serving): void {
  const { input } = attempt;
  if (input.toolsHash === catalogue.toolsHash) return;
  const tool = catalogue.tools.find(({ name }) => name === input.tool);
  if (!tool) {
    const names = catalogue.tools.map(({ name }) => name);
    const near = nearMatches(input.tool, names);
    const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
    throw attempt.didNotRun(
      'UNKNOWN_TOOL',
      `"${input.server}" has no tool "${input.tool}".${hint}`,
    );
  }
  const problem = validateArguments(tool, input.args);
  if (problem) throw attempt.didNotRun('INVALID_ARGUMENTS', problem);
}

async function send(
  { sent }: HostDeps,
  attempt: CallAttempt,
  { connection }: Serving,
): Promise<JsonObject> {
  const { input, session, context } = attempt;
  const { attempt: number } = context.info;
  const heartbeats = heartbeatLazily((progress) => attempt.heartbeat(progress));
  try {
    return await connection.callTool(input.tool, input.args, {
      timeoutMs: input.timeoutMs,
      signal: context.cancellationSignal,
      onProgress: (progress) => heartbeats.report(progress),
      onSent: () => {
        // The last moment at which a host that was frozen can keep the call from running twice.
        if (!session.lease.isHeld()) throw new CallError('not-sent', 'this host lost the server');
        sent.add(input.callId, number);
        attempt.sentAtMs = Date.now();
      },
    });
  } finally {
    heartbeats.stop();
    sent.remove(input.callId, number);
  }
}

async function answerWith(
  deps: HostDeps,
  attempt: CallAttempt,
  result: JsonObject,
): Promise<CallAnswer> {
  const { input } = attempt;
  if (isErrorResult(result)) {
    const again = attempt.again(new CallError('rejected', textOf(result), { errorClass: 'tool' }));
    if (again) throw again;
  }
  const isLarge = Buffer.byteLength(JSON.stringify(result)) > MAX_INLINE_RESULT_BYTES;
  if (isLarge) await deps.store.results.put(input.callId, result);
  const where = isLarge ? { resultRef: input.callId } : { result };
  if (!isErrorResult(result)) return attempt.answered('ok', where);
  const error = attempt.toolError(textOf(result));
  return attempt.answered('tool_error', { ...where, error }, 'tool');
}

const isErrorResult = (result: JsonObject) => result['isError'] === true;

function textOf({ content }: JsonObject): string {
  const first = Array.isArray(content) ? content[0] : undefined;
  const isText = first !== null && typeof first === 'object' && 'text' in first;
  return isText && typeof first.text === 'string' ? first.text : 'the tool answered with an error';
}
