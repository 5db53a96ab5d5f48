import { type Exchange } from '../exchange';
import { type JsonObject } from '../../base/json';

/** Methods of the experimental tasks of 2025-11-25. */
const LEGACY_TASK_METHODS = ['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel'] as const;
export type LegacyTaskMethod = (typeof LEGACY_TASK_METHODS)[number];

/** Value of `capabilities.tasks` in `initialize`, for clients of 2025-11-25. */
export const LEGACY_TASKS_CAPABILITY = {
  list: {},
  cancel: {},
  requests: { tools: { call: {} } },
} satisfies JsonObject;

/** Experimental tasks of 2025-11-25, for the legacy era. All errors are RpcErrors. */
export interface LegacyTasks {
  /**
   * Handles `tools/call` with `params.task`: answers with CreateTaskResult once Temporal has the
   * call.
   */
  call(exchange: Exchange, params: JsonObject): Promise<JsonObject>;
  /**
   * Handles a task method. `tasks/result` waits for the end; input requests of the server go
   * through its exchange.
   */
  handle(exchange: Exchange, method: LegacyTaskMethod, params: JsonObject): Promise<JsonObject>;
}

export function isLegacyTaskMethod(method: string): method is LegacyTaskMethod {
  return LEGACY_TASK_METHODS.some((known) => known === method);
}
