import { Context } from '@temporalio/activity';
import { type CallAnswer, type CallInput } from '../../src/domain/calls/calls';
import { didYouMean, nearMatches } from '../../src/base/nearest-names';
import { validateArguments } from '../../src/domain/calls/tool-arguments';
import { CallError } from '../../src/mcp/calls/call-error';
import { CallAttempt } from './call-attempt';
import { type CallContext } from './call-context';
import { answerTo, decideOutcome } from './decide-outcome';
import { type HostDeps } from '../deps';
import { noteLateAnswer } from './late-answer';
import { type Session } from '../session/session';
import { type Serving } from '../server/supervised-server';
import { withCallSlot, refuseWhenIsolated, serverFor, watched } from './waiting-call';
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
      return decideOutcome(deps, attempt, error);
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
