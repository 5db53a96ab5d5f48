import { Context } from '@temporalio/activity';
import { type CallAnswer, type CallInput, type JsonObject } from '../src/domain/calls';
import { nearMatches } from '../src/domain/near-matches';
import { validateArguments } from '../src/domain/tool-arguments';
import { CallError } from '../src/mcp/call-error';
import { maskedRpcError } from '../src/mcp/masked-answers';
import { CallAttempt } from './call-attempt';
import { type CallContext } from './call-context';
import { type HostDeps } from './deps';
import { type Session } from './session';
import { storedWhenLarge } from './stored-result';
import { type Serving } from './supervised-server';
import { inRoom, isErrorResult, refuseWhenIsolated, serverFor, watched } from './waiting-call';
import { withGateway } from './with-gateway';

/**
 * Runs a tool. Until the first byte goes out every failure is "not sent" and Temporal tries again; from then on
 * nothing is tried again, unless the operator declared the tool safe to repeat.
 */
export async function callTool(
  deps: HostDeps,
  session: Session,
  input: CallInput,
  context: CallContext = Context.current(),
): Promise<CallAnswer> {
  const attempt = new CallAttempt(deps, session, input, context);
  try {
    const serving = await serverFor(attempt);
    checkTool(attempt, serving);
    const spent = attempt.spent();
    if (spent) throw spent;
    const result = await inRoom(attempt, () => {
      refuseWhenIsolated(attempt, input.tool);
      return watched(session, () => serving.calls.track(() => send(deps, attempt, serving)));
    });
    return await answerWith(deps, attempt, result);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (error.kind !== 'rejected') throw attempt.failure(error);
    const again = attempt.again(error);
    if (again) throw again;
    const { rpcError } = error;
    const answer = {
      error: attempt.toolError(error.message),
      ...(rpcError && { rpcError: maskedRpcError(rpcError, attempt.masked) }),
    };
    return attempt.answered('tool_error', answer, error.errorClass);
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
      (listening) =>
        connection.callTool(input.tool, input.args, {
          timeoutMs: input.timeoutMs,
          signal: context.cancellationSignal,
          ...(input.meta && { meta: input.meta }),
          ...listening,
          onSent: () => {
            // The last moment at which a host that was frozen can keep the call from running twice.
            if (!session.lease.isHeld()) {
              throw new CallError('not-sent', 'this host lost the server');
            }
            // For those who find this host dead. The caller of a direct call finds that out by itself.
            if (!context.isDirect) sent.add(input.callId, number);
            attempt.sentAtMs = Date.now();
          },
        }),
    );
  } finally {
    if (!context.isDirect) sent.remove(input.callId, number);
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
  const { isDirect } = attempt.context;
  const { results } = deps.store;
  const where = isDirect ? { result } : await storedWhenLarge(results, input.callId, result);
  if (!isErrorResult(result)) return attempt.answered('ok', where);
  const error = attempt.toolError(textOf(result));
  return attempt.answered('tool_error', { ...where, error }, 'tool');
}

function textOf({ content }: JsonObject): string {
  const first = Array.isArray(content) ? content[0] : undefined;
  const isText = first !== null && typeof first === 'object' && 'text' in first;
  return isText && typeof first.text === 'string' ? first.text : 'the tool answered with an error';
}
