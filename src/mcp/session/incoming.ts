import { type OpenCall } from '../calls/open-call';
import { InputRequestRouter } from '../calls/input-request-router';
import { RateLimit } from '../calls/rate-limit';
import { type Incoming } from '../wire/request-observer';
import { isJsonObject, type JsonObject } from '../../base/json';
import { type McpSession } from './mcp-session';
import { META } from '../../base/mcp-names';

/** Maximum number of notifications of one server per second; more are dropped. */
const MAX_NOTIFICATIONS_PER_SECOND = 500;

/** Notifications between the two ends of a connection, which are not passed on. */
const CONNECTION_NOTIFICATIONS: ReadonlySet<string> = new Set([
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

/** Creates the handler of messages that a server sends on its own. */
export function incomingOf(session: McpSession): Incoming {
  const { calls, wire, client } = session;
  const router = new InputRequestRouter(calls, (id, answer) =>
    wire.respond({ jsonrpc: '2.0', id, ...answer }),
  );
  const limit = new RateLimit(MAX_NOTIFICATIONS_PER_SECOND, (count) => session.onDropped(count));
  return {
    admits: () => limit.admit(),
    onRequest(request, call) {
      // Modern servers send no requests; the SDK drops them.
      return client.getProtocolEra() !== 'modern' && router.take(request, call);
    },
    onNotification(notification, related) {
      const { method, params = {} } = notification;
      if (method === 'notifications/cancelled') router.withdraw(notification);
      if (CONNECTION_NOTIFICATIONS.has(method)) return false;
      // List changes are never dropped: each causes one refresh, however often it is repeated.
      if (!LIST_CHANGES.has(method) && !limit.admit()) return true;
      const content = contentOf(params);
      const call = concernsServer(method) ? undefined : (related ?? onlyCall(calls));
      if (call?.options.onNotification) call.options.onNotification(method, content);
      else session.onNotification(method, content);
      return true;
    },
  };
}

/** Whether a notification concerns the server itself, not a call. */
function concernsServer(method: string): boolean {
  return LIST_CHANGES.has(method) || method === RESOURCE_UPDATED;
}

/** Returns the call in flight if there is exactly one: a message during it belongs to it. */
function onlyCall(calls: ReadonlySet<OpenCall>): OpenCall | undefined {
  const [first, second] = [...calls].filter(({ isSent }) => isSent);
  return second ? undefined : first;
}

/** Removes the ID of our subscription from the params. */
function contentOf(params: object): JsonObject {
  if (!isJsonObject(params)) return {};
  const { _meta: meta, ...content } = params;
  if (!isJsonObject(meta)) return params;
  const { [META.subscriptionId]: subscription, ...rest } = meta;
  if (subscription === undefined) return params;
  return Object.keys(rest).length > 0 ? { ...content, _meta: rest } : content;
}
