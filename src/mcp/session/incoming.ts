import { type OpenCall } from '../calls/open-call';
import { InputRequestRouter } from '../calls/input-request-router';
import { RateLimit } from '../calls/rate-limit';
import { type Incoming } from '../wire/request-observer';
import { isJsonObject, type JsonObject } from '../../base/json';
import { type McpSession } from './mcp-session';
import { META } from '../../base/mcp-names';

/** Notifications of one server in a second; more are dropped. */
const MAX_NOTIFICATIONS_PER_SECOND = 500;

/** Between the two ends of a connection, and nobody else's. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'notifications/cancelled',
  'notifications/subscriptions/acknowledged',
  'notifications/tasks',
  'notifications/tasks/status',
]);
const LIST_CHANGES: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
]);
const RESOURCE_UPDATED = 'notifications/resources/updated';

/** What becomes of what a server sends of its own accord. */
export function incomingOf(session: McpSession): Incoming {
  const { calls, wire, client } = session;
  const questions = new InputRequestRouter(calls, (id, answer) =>
    wire.respond({ jsonrpc: '2.0', id, ...answer }),
  );
  const limit = new RateLimit(MAX_NOTIFICATIONS_PER_SECOND, (count) => session.onDropped(count));
  return {
    admits: () => limit.admit(),
    onRequest(request, call) {
      // Modern servers send no requests; the SDK drops them.
      return client.getProtocolEra() !== 'modern' && questions.take(request, call);
    },
    onNotification(notification, related) {
      const { method, params = {} } = notification;
      if (method === 'notifications/cancelled') questions.withdraw(notification);
      if (OF_THE_CONNECTION.has(method)) return false;
      // That a list has changed is never dropped: it costs one look, however often it is said.
      if (!LIST_CHANGES.has(method) && !limit.admit()) return true;
      const content = contentOf(params);
      const call = isOfTheServer(method) ? undefined : (related ?? onlyCall(calls));
      if (call?.options.onNotification) call.options.onNotification(method, content);
      else session.onNotification(method, content);
      return true;
    },
  };
}

/** It is about the server, and not about what it does for somebody. */
function isOfTheServer(method: string): boolean {
  return LIST_CHANGES.has(method) || method === RESOURCE_UPDATED;
}

/** What comes during exactly one call belongs to it. */
function onlyCall(calls: ReadonlySet<OpenCall>): OpenCall | undefined {
  const [first, second] = [...calls].filter(({ isSent }) => isSent);
  return second ? undefined : first;
}

/** The params, without what says by which of our subscriptions they came. */
function contentOf(params: object): JsonObject {
  if (!isJsonObject(params)) return {};
  const { _meta: meta, ...content } = params;
  if (!isJsonObject(meta)) return params;
  const { [META.subscriptionId]: subscription, ...rest } = meta;
  if (subscription === undefined) return params;
  return Object.keys(rest).length > 0 ? { ...content, _meta: rest } : content;
}
