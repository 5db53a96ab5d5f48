import { parseInputRequestId } from '../../domain/names';
import { type Exchange } from '../exchange';
import { type Operations } from '../operations';
import { RpcError } from '../rpc';
import { type Started } from '../calls/started';
import { isoTime } from './iso-time';
import { taskMembers } from './task-members';
import { type TaskState } from './task-state';
import { canFollowTasks, type Tasks } from './tasks';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';
import { TASK_POLL_INTERVAL_MS } from '../../domain/endpoint/gateway-task';
import { TASKS_EXTENSION } from '../../base/mcp-names';

/** Methods of the extension `io.modelcontextprotocol/tasks`. */
const MODERN_TASK_METHODS = ['tasks/get', 'tasks/update', 'tasks/cancel'] as const;
export type ModernTaskMethod = (typeof MODERN_TASK_METHODS)[number];

export function isModernTaskMethod(method: string): method is ModernTaskMethod {
  return MODERN_TASK_METHODS.some((known) => known === method);
}

/** Tasks extension of 2026-07-28. */
export class ModernTasks {
  constructor(
    private readonly tasks: Tasks,
    private readonly operations: Operations,
  ) {}

  /**
   * Creates a task and returns its CreateTaskResult, which replaces the result of a call that
   * Temporal has.
   */
  async create(exchange: Exchange, started: Started, tool: string): Promise<JsonObject> {
    const task = await this.tasks.create(exchange, started, tool);
    const { taskId, createdAtMs, ttlMs } = task;
    return {
      resultType: 'task',
      taskId,
      status: 'working',
      createdAt: isoTime(createdAtMs),
      lastUpdatedAt: isoTime(createdAtMs),
      ttlMs,
      pollIntervalMs: TASK_POLL_INTERVAL_MS,
    };
  }

  /**
   * @throws RpcError -32021 when the client does not declare support for tasks, -32602 when it has
   * no such task
   */
  async handle(
    exchange: Exchange,
    method: ModernTaskMethod,
    params: JsonObject,
  ): Promise<JsonObject> {
    requireTasks(exchange);
    const task = await this.tasks.get(exchange, params);
    switch (method) {
      case 'tasks/get':
        return { resultType: 'complete', ...detailedTask(await this.tasks.state(exchange, task)) };
      case 'tasks/update':
        await this.#update(exchange, task.taskId, params.inputResponses);
        return { resultType: 'complete' };
      case 'tasks/cancel':
        await this.tasks.cancel(task);
        return { resultType: 'complete' };
    }
  }

  /** Returns the DetailedTask: the state, with the result, the error, or the input requests. */
  async detailed(exchange: Exchange, taskId: string): Promise<JsonObject> {
    const task = await this.tasks.get(exchange, { taskId });
    return detailedTask(await this.tasks.state(exchange, task));
  }

  /** Passes on answers; those to no open input request are ignored. */
  async #update(exchange: Exchange, taskId: string, inputResponses: unknown): Promise<void> {
    if (!isJsonObject(inputResponses)) {
      throw new RpcError(RPC.invalidParams, '"inputResponses" is missing or not an object');
    }
    const { asks } = await this.tasks.state(exchange, await this.tasks.get(exchange, { taskId }));
    const answers = asks.map(async ({ askId }) => {
      const result = inputResponses[keyOf(askId)];
      if (isJsonObject(result)) await this.operations.answer(askId, { result });
    });
    await Promise.all(answers);
  }
}

/** @throws RpcError -32021 */
export function requireTasks({ caller }: Pick<Exchange, 'caller'>): void {
  if (canFollowTasks(caller)) return;
  const requiredCapabilities = { extensions: { [TASKS_EXTENSION]: {} } };
  const message = `Missing required client capability: ${TASKS_EXTENSION}`;
  throw new RpcError(RPC.missingCapability, message, { requiredCapabilities });
}

export function detailedTask(state: TaskState): JsonObject {
  const { task, status, asks, end } = state;
  return {
    ...taskMembers(state),
    ttlMs: task.ttlMs,
    pollIntervalMs: TASK_POLL_INTERVAL_MS,
    ...(status === 'input_required' && { inputRequests: requestsOf(asks) }),
    ...(end && status === 'completed' && 'result' in end && { result: end.result }),
    ...(end && status === 'failed' && 'error' in end && { error: { ...end.error.toObject() } }),
  };
}

function requestsOf(asks: TaskState['asks']): JsonObject {
  return Object.fromEntries(
    asks.map(({ askId, method, params }) => [keyOf(askId), { method, params }]),
  );
}

/** Returns the number of an input request, which is unique in the life of a task. */
function keyOf(askId: string): string {
  return String(parseInputRequestId(askId)?.number ?? askId);
}
