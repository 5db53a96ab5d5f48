import { RpcError } from '../rpc';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Number of resources, and of tasks, that one `subscriptions/listen` may follow. */
const MAX_LISTENED_RESOURCES = 1_000;
const MAX_LISTENED_TASKS = 100;

/**
 * Notifications that a client requests on a `subscriptions/listen` stream; the members are those of
 * the protocol.
 */
export interface ListenFilter {
  toolsListChanged: boolean;
  promptsListChanged: boolean;
  resourcesListChanged: boolean;
  /** URIs as the client knows them. */
  resourceSubscriptions: string[];
  /** Task IDs of the tasks extension. */
  taskIds: string[];
}

/** @throws RpcError -32602 when the filter is not valid */
export function readFilter({ notifications }: JsonObject): ListenFilter {
  if (!isJsonObject(notifications)) throw invalid('notifications', 'an object');
  return {
    toolsListChanged: flag(notifications, 'toolsListChanged'),
    promptsListChanged: flag(notifications, 'promptsListChanged'),
    resourcesListChanged: flag(notifications, 'resourcesListChanged'),
    resourceSubscriptions: texts(notifications, 'resourceSubscriptions', MAX_LISTENED_RESOURCES),
    taskIds: texts(notifications, 'taskIds', MAX_LISTENED_TASKS),
  };
}

/** Returns the honoured part of the filter for the acknowledgement. */
export function acknowledged(filter: ListenFilter): JsonObject {
  const { resourceSubscriptions, taskIds, ...flags } = filter;
  return {
    ...Object.fromEntries(Object.entries(flags).filter(([, isWanted]) => isWanted)),
    ...(resourceSubscriptions.length > 0 && { resourceSubscriptions }),
    ...(taskIds.length > 0 && { taskIds }),
  };
}

function flag(notifications: JsonObject, name: string): boolean {
  const { [name]: value = false } = notifications;
  if (typeof value !== 'boolean') throw invalid(`notifications.${name}`, 'true or false');
  return value;
}

function texts(notifications: JsonObject, name: string, max: number): string[] {
  const { [name]: values = [] } = notifications;
  const isList = Array.isArray(values) && values.every((value) => typeof value === 'string');
  if (!isList || values.length > max) {
    throw invalid(`notifications.${name}`, `a list of at most ${max} strings`);
  }
  return [...new Set(values)];
}

function invalid(member: string, expected: string): RpcError {
  return new RpcError(RPC.invalidParams, `Invalid params: ${member} is not ${expected}`);
}
