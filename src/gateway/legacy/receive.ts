import { rpcErrorOf } from '../rpc';
import { type ReplyChannel } from './channel';
import { type LegacyContext } from './context';
import { type EventPosition } from './event-id';
import { LegacyExchange } from './legacy-exchange';
import { type LiveSession } from './live-session';
import { perform } from './perform';
import { type JsonObject } from '../../base/json';
import { type RpcMessage, type RpcRequest, type RpcResponse } from '../../base/jsonrpc';

/**
 * Answers a request of a session; the exchange stands for it until then.
 *
 * @throws MainspringError GATEWAY_BUSY
 */
export function answerRequest(
  context: LegacyContext,
  session: LiveSession,
  request: RpcRequest,
  exchange: LegacyExchange,
): void {
  const { method, params = {} } = request;
  const release = context.usage.take('requests', session.record.principal);
  const work = perform(context, session, exchange, method, params);
  settle(context, session, exchange, work, release);
}

/**
 * Answers a request that was started before, perhaps by another process, on the stream of a client
 * that has reconnected.
 */
export async function resumeRequest(
  context: LegacyContext,
  session: LiveSession,
  { request = '', callId = '', ...from }: EventPosition,
  open: () => ReplyChannel,
): Promise<void> {
  const { progressToken } = from;
  const meta: JsonObject = progressToken === undefined ? {} : { progressToken };
  const params = { _meta: meta };
  const again: RpcRequest = { jsonrpc: '2.0', id: request, method: 'tools/call', params };
  const position = { ...from, request, callId };
  const release = context.usage.take('requests', session.record.principal);
  const exchange = new LegacyExchange(session, again, false, position);
  session.exchanges.set(exchange.requestId, exchange);
  try {
    const started = await context.operations.resume(exchange, callId);
    exchange.attach(open(), position);
    settle(context, session, exchange, started.result(), release);
  } catch (error) {
    settle(context, session, exchange, Promise.reject(rpcErrorOf(error)), release);
    throw error;
  }
}

/** Handles a notification of the client, or its answer to an input request. */
export function receiveOther(
  context: LegacyContext,
  session: LiveSession,
  message: Exclude<RpcMessage, RpcRequest>,
): void {
  if (!('method' in message)) return receiveAnswer(context, session, message);
  if (message.method !== 'notifications/cancelled') return;
  const { requestId, reason } = message.params ?? {};
  if (typeof requestId !== 'string' && typeof requestId !== 'number') return;
  const exchange = session.exchanges.get(requestId);
  exchange?.cancel(typeof reason === 'string' ? reason : 'cancelled by the client');
}

/** The answer to an input request of another process goes through Temporal. */
function receiveAnswer(context: LegacyContext, session: LiveSession, response: RpcResponse): void {
  const elsewhere = session.asks.answer(response);
  if (!elsewhere) return;
  const { askId, answer } = elsewhere;
  context.operations.answer(askId, answer).catch(() => undefined); // no one waits for it anymore
}

/** @param release - called when the request has ended */
function settle(
  { sessions }: LegacyContext,
  session: LiveSession,
  exchange: LegacyExchange,
  result: Promise<JsonObject>,
  release: () => void,
): void {
  const { requestId: id } = exchange;
  session.exchanges.set(id, exchange);
  const end = (response: RpcResponse) => {
    release();
    if (session.exchanges.get(id) === exchange) session.exchanges.delete(id);
    exchange.respond(response);
    sessions.release(session);
  };
  void result.then(
    (value) => end({ jsonrpc: '2.0', id, result: value }),
    (error: unknown) => end({ jsonrpc: '2.0', id, error: rpcErrorOf(error).toObject() }),
  );
}
