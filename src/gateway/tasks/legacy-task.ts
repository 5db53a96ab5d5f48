import { RpcError } from '../rpc';
import { taskMembers } from './task-members';
import { type TaskState } from './task-state';
import { relatedTo } from './task-exchange';
import { type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';
import { TASK_POLL_INTERVAL_MS } from '../../domain/endpoint/gateway-task';

/**
 * Returns the state of a task by the rules of 2025-11-25: a cancelled task stays cancelled, and a
 * tool's error is a failure.
 */
export function toLegacy(state: TaskState): TaskState {
  const { task, end } = state;
  if (task.cancelledAtMs !== undefined) {
    const message = 'The task was cancelled by request.';
    return { ...state, status: 'cancelled', message, asks: [] };
  }
  const isError = end && 'result' in end && end.result.isError === true;
  return isError ? { ...state, status: 'failed', message: 'The tool reported an error.' } : state;
}

/** Serialises a Task as 2025-11-25 defines it. */
export function legacyTask(state: TaskState): JsonObject {
  const ttl = state.task.ttlMs;
  return { ...taskMembers(toLegacy(state)), ttl, pollInterval: TASK_POLL_INTERVAL_MS };
}

/**
 * Returns the answer to `tasks/result`, which is the answer of the call itself. @throws RpcError
 */
export function legacyResult(state: TaskState): JsonObject {
  const { task, status, message, end } = toLegacy(state);
  if (end && 'error' in end) throw end.error;
  if (!end || status === 'cancelled') throw new RpcError(RPC.serverError, message);
  return relatedTo(task.taskId, end.result);
}
