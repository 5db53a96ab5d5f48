import { type InputRequest } from '../../domain/calls/input-requests';
import { type CallProgress } from '../../domain/calls/calls';
import { type GatewayTask } from '../../domain/endpoint/gateway-task';
import { type CallDescription } from '../../client/internal';
import { type RpcError } from '../rpc';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** State of a task, independent of its client's era. */
export interface TaskState {
  task: GatewayTask;
  status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';
  message: string;
  changedAtMs: number;
  /** Open input requests of the server. */
  asks: InputRequest[];
  end?: TaskEnd;
}

/** Answer of the call itself. */
export type TaskEnd = { result: JsonObject } | { error: RpcError };

/** Returns the state of a call that has not ended. */
export function openState(
  task: GatewayTask,
  { status, progress, asks, changedAtMs }: CallDescription,
): TaskState {
  const isAsking = asks.length > 0;
  return {
    task,
    status: isAsking ? 'input_required' : 'working',
    message: isAsking ? askMessage(task, asks) : workMessage(task, status, progress),
    changedAtMs: Math.max(changedAtMs, task.createdAtMs),
    asks,
  };
}

/**
 * Returns the state of a call that has ended. One without a result whose cancellation was requested
 * counts as cancelled.
 */
export function endState(task: GatewayTask, end: TaskEnd, changedAtMs: number): TaskState {
  const ended = { task, changedAtMs: Math.max(changedAtMs, task.createdAtMs), asks: [], end };
  if ('result' in end) return { ...ended, status: 'completed', message: 'The call has ended.' };
  const { message } = end.error;
  const isCancelled = task.cancelledAtMs !== undefined && isFromMainspring(end.error);
  const status = isCancelled || codeOf(end.error) === 'CALL_CANCELLED' ? 'cancelled' : 'failed';
  return { ...ended, status, message };
}

export function isOver({ status }: TaskState): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

function askMessage({ server }: GatewayTask, asks: readonly InputRequest[]): string {
  const methods = [...new Set(asks.map(({ method }) => method))].join(', ');
  return `"${server}" is waiting for an answer to ${methods}.`;
}

function workMessage(
  { server }: GatewayTask,
  status: CallDescription['status'],
  progress: CallProgress | undefined,
): string {
  if (status === 'queued') return `The call is waiting for "${server}".`;
  if (!progress) return `"${server}" is working on it.`;
  const { progress: done, total, message } = progress;
  return message ?? (total === undefined ? `Progress: ${done}.` : `Progress: ${done} of ${total}.`);
}

/** Whether the error comes from Mainspring and not from the server. */
function isFromMainspring(error: RpcError): boolean {
  return error.code === RPC.serverError && codeOf(error) !== undefined;
}

function codeOf({ data }: RpcError): string | undefined {
  const code = isJsonObject(data) ? data.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
