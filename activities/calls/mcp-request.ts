import { ApplicationFailure, Context } from '@temporalio/activity';
import { type RequestAnswer, type RequestInput } from '../../src/domain/calls/requests';
import { CallError } from '../../src/mcp/calls/call-error';
import { maskedRpcError } from '../../src/mcp/lists/masked-answers';
import { boundedHeartbeat } from './bounded-heartbeat';
import { type HostDeps } from '../deps';
import { RequestAttempt } from './request-attempt';
import { type Session } from '../session/session';
import { type ServerAnswer, storedWhenLarge } from './stored-result';
import { type Serving } from '../server/supervised-server';
import { refuseWhenIsolated, serverFor, watched } from './waiting-call';
import { withGateway } from './with-gateway';
import { type JsonObject } from '../../src/base/json';

/** Sends a request that changes nothing to a server; like a call, it waits for a server that is not ready. */
export async function mcpRequest(
  deps: HostDeps,
  session: Session,
  input: RequestInput,
): Promise<RequestAnswer> {
  const attempt = new RequestAttempt(session, input, Context.current());
  try {
    const serving = await serverFor(attempt);
    refuseWhenIsolated(attempt);
    const result = await watched(session, () =>
      serving.calls.track(() => send(deps, attempt, serving)),
    );
    return await reported(deps, attempt, { result });
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    if (!(error instanceof CallError)) throw attempt.unexpected(error);
    const { rpcError } = error;
    if (rpcError)
      return reported(deps, attempt, { rpcError: maskedRpcError(rpcError, attempt.masked) });
    throw attempt.failure(error);
  }
}

/** Reports an answer. One that cannot be kept is an error: a part of a resource would be taken for the whole. */
async function reported(
  deps: HostDeps,
  { input }: RequestAttempt,
  answer: ServerAnswer,
): Promise<RequestAnswer> {
  const kept = await storedWhenLarge(deps.store.results, input.requestId, answer);
  return 'notStored' in kept ? { error: kept.notStored } : kept;
}

async function send(
  deps: HostDeps,
  attempt: RequestAttempt,
  { connection }: Serving,
): Promise<JsonObject> {
  const { input, session, context } = attempt;
  const { method, params, timeoutMs, meta } = input;
  const call = { ...input, callId: input.requestId, attempt: context.info.attempt };
  return withGateway(
    deps,
    call,
    (details) => context.heartbeat(boundedHeartbeat({ sent: attempt.sent, ...details })),
    (listening) =>
      connection.request(method, params, {
        timeoutMs,
        signal: context.cancellationSignal,
        ...(meta && { meta }),
        ...listening,
        onSent: () => {
          if (!session.lease.isHeld()) throw new CallError('not-sent', 'this host lost the server');
          attempt.sent++;
        },
      }),
  );
}
