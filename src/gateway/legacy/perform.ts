import { RpcError } from '../rpc';
import { isLegacyTaskMethod } from '../tasks/contract';
import { type LegacyContext } from './context';
import { type LegacyExchange } from './legacy-exchange';
import { type LiveSession } from './live-session';
import { isLogLevel } from '../../domain/catalogue/log-levels';
import { allowsTasks } from './versions';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

const MAX_SESSION_SUBSCRIPTIONS = 1_000;

/** Performs a request within a session; rejects with its error. */
export async function perform(
  context: LegacyContext,
  session: LiveSession,
  exchange: LegacyExchange,
  method: string,
  params: JsonObject,
): Promise<JsonObject> {
  const { operations, tasks } = context;
  switch (method) {
    case 'ping':
      return {};
    case 'initialize':
      throw new RpcError(RPC.invalidRequest, 'This session is already initialized');
    case 'logging/setLevel':
      return setLevel(context, session, params);
    case 'resources/subscribe':
      return subscribe(context, session, params);
    case 'resources/unsubscribe':
      return unsubscribe(context, session, params);
    case 'tools/call':
    case 'resources/read':
    case 'prompts/get':
    case 'completion/complete': {
      const hasTasks = tasks && allowsTasks(session.record.protocolVersion);
      if (method === 'tools/call' && hasTasks && isJsonObject(params.task)) {
        return tasks.call(exchange, params);
      }
      const started = await operations.start(exchange, method, params);
      exchange.began(started.callId);
      return started.result();
    }
    default:
      if (tasks && isLegacyTaskMethod(method)) return tasks.handle(exchange, method, params);
      return operations.handle(exchange, method, params);
  }
}

async function setLevel(
  { sessions, listenersChanged }: LegacyContext,
  session: LiveSession,
  { level }: JsonObject,
): Promise<JsonObject> {
  if (!isLogLevel(level)) throw new RpcError(RPC.invalidParams, '"level" is not an MCP log level');
  await sessions.modify(session, (record) => ({ ...record, logLevel: level }));
  listenersChanged();
  return {};
}

async function subscribe(
  { catalogues, sessions, listenersChanged }: LegacyContext,
  session: LiveSession,
  params: JsonObject,
): Promise<JsonObject> {
  const uri = uriOf(params);
  const view = await catalogues.view(session.scope);
  if (!view.resolve(uri)) throw new RpcError(RPC.resourceNotFound, 'Resource not found', { uri });
  await sessions.modify(session, (record) => {
    const subscriptions = [...new Set([...record.subscriptions, uri])];
    if (subscriptions.length > MAX_SESSION_SUBSCRIPTIONS) {
      const message = `A session can have at most ${MAX_SESSION_SUBSCRIPTIONS} subscriptions`;
      throw new RpcError(RPC.invalidRequest, message);
    }
    return { ...record, subscriptions };
  });
  listenersChanged();
  return {};
}

async function unsubscribe(
  { sessions, listenersChanged }: LegacyContext,
  session: LiveSession,
  params: JsonObject,
): Promise<JsonObject> {
  const uri = uriOf(params);
  await sessions.modify(session, (record) => ({
    ...record,
    subscriptions: record.subscriptions.filter((other) => other !== uri),
  }));
  listenersChanged();
  return {};
}

function uriOf({ uri }: JsonObject): string {
  if (typeof uri === 'string') return uri;
  throw new RpcError(RPC.invalidParams, '"uri" is missing');
}
