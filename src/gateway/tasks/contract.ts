import { type Exchange } from '../exchange';
import { type JsonObject } from '../../base/json';

/** Of the experimental tasks of 2025-11-25. */
const LEGACY_TASK_METHODS = ['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel'] as const;
export type LegacyTaskMethod = (typeof LEGACY_TASK_METHODS)[number];

/** `capabilities.tasks` of `initialize`, for clients of 2025-11-25. */
export const LEGACY_TASKS_CAPABILITY = {
  list: {},
  cancel: {},
  requests: { tools: { call: {} } },
} satisfies JsonObject;

/** The experimental tasks of 2025-11-25, for the legacy era. Everything that it throws is an RpcError. */
export interface LegacyTasks {
  /** `tools/call` with `params.task`: answers with CreateTaskResult, once Temporal has the call. */
  call(exchange: Exchange, params: JsonObject): Promise<JsonObject>;
  /** `tasks/result` waits for the end; what the server asks meanwhile goes through its exchange. */
  handle(exchange: Exchange, method: LegacyTaskMethod, params: JsonObject): Promise<JsonObject>;
}

export function isLegacyTaskMethod(method: string): method is LegacyTaskMethod {
  return LEGACY_TASK_METHODS.some((known) => known === method);
}
