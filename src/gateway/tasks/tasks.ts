import { isErrorCode } from '../../base/errors';
import { type GatewayTask } from '../../domain/endpoint/gateway-task';
import { type CallDescription } from '../../client/internal';
import { type GatewayTaskStore } from '../../store/store';
import { type Caller, type Exchange } from '../exchange';
import { type Operations } from '../operations';
import { RpcError, rpcErrorOf } from '../rpc';
import { type Started } from '../calls/started';
import { scopeText } from '../endpoint/scope-text';
import { endState, openState, type TaskEnd, type TaskState } from './task-state';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';
import { RETENTION_DAYS } from '../../domain/limits';
import { TASKS_EXTENSION } from '../../base/mcp-names';

/**
 * Time for which a task and its result are kept if its client does not specify it; at most as long
 * as Temporal keeps them.
 */
const DEFAULT_TASK_TTL_MS = 24 * 3_600_000;
const MAX_TASK_TTL_MS = RETENTION_DAYS * 24 * 3_600_000;
/** Tasks per answer to `tasks/list`. */
const TASK_PAGE_SIZE = 50;

/** Calls as the tasks need them. */
export interface TaskCalls {
  look(callId: string): Promise<CallDescription>;
  cancel(callId: string, reason: string): Promise<void>;
}

export interface TasksDeps {
  operations: Operations;
  calls: TaskCalls;
  store: GatewayTaskStore;
}

/** Minimum interval between removals of expired tasks. */
const SWEEP_INTERVAL_MS = 60_000;

/**
 * Calls that clients follow as tasks. The state of a task is the state of its call in Temporal, so
 * that it survives every process; the store has its owner. A task of another principal or endpoint
 * is not found.
 */
export class Tasks {
  #sweptAtMs = 0;

  constructor(private readonly deps: TasksDeps) {}

  /**
   * Creates a task for a call that Temporal has; from then on any gateway of this data directory
   * finds it.
   */
  async create({ caller }: Exchange, started: Started, tool: string, ttlMs?: number) {
    this.#sweep();
    const task: GatewayTask = {
      taskId: started.callId,
      principal: caller.principal,
      scope: scopeText(caller.scope),
      server: started.server,
      tool,
      createdAtMs: Date.now(),
      ttlMs: Math.min(ttlMs ?? DEFAULT_TASK_TTL_MS, MAX_TASK_TTL_MS),
    };
    await this.deps.store.add(task);
    // A call that was submitted again with its key keeps its task.
    return (await this.#find(caller, started.callId)) ?? task;
  }

  /** @throws RpcError -32602 when this client has no such task */
  async get({ caller }: Exchange, params: JsonObject): Promise<GatewayTask> {
    const { taskId } = params;
    const found = typeof taskId === 'string' ? await this.#find(caller, taskId) : undefined;
    if (!found) throw new RpcError(RPC.invalidParams, 'Task not found');
    return found;
  }

  async state(exchange: Exchange, task: GatewayTask): Promise<TaskState> {
    const description = await this.deps.calls.look(task.taskId).catch((error: unknown) => {
      throw rpcErrorOf(error);
    });
    if (description.status !== 'ended') return openState(task, description);
    return endState(task, await this.#end(exchange, task), description.changedAtMs);
  }

  /** Waits until the call has ended; input requests of its server go through this exchange. */
  async ended(exchange: Exchange, task: GatewayTask): Promise<TaskState> {
    return endState(task, await this.#end(exchange, task), Date.now());
  }

  /**
   * Requests the cancellation of the call, and records that. A call that has ended, or whose
   * cancellation was requested before, stays unchanged.
   */
  async cancel(task: GatewayTask): Promise<GatewayTask> {
    const { calls, store } = this.deps;
    const { taskId } = task;
    try {
      if ((await calls.look(taskId)).status === 'ended') return task;
      const atMs = Date.now();
      await store.cancelled(taskId, atMs);
      await calls.cancel(taskId, 'cancelled by the client');
      return { cancelledAtMs: atMs, ...task };
    } catch (error) {
      throw rpcErrorOf(error);
    }
  }

  /** Returns one page of the tasks after `after`, oldest first. */
  async list({ caller }: Exchange, after?: { createdAtMs: number; taskId: string }) {
    const tasks = await this.deps.store.list({
      principal: caller.principal,
      scope: scopeText(caller.scope),
      nowMs: Date.now(),
      ...(after && { after }),
      limit: TASK_PAGE_SIZE + 1,
    });
    return { tasks: tasks.slice(0, TASK_PAGE_SIZE), isMore: tasks.length > TASK_PAGE_SIZE };
  }

  async #end(exchange: Exchange, { taskId }: GatewayTask): Promise<TaskEnd> {
    const started = await this.deps.operations.resume(exchange, taskId);
    try {
      return { result: await started.result() };
    } catch (error) {
      const end = rpcErrorOf(error);
      if (isUnknownEnd(end)) throw end;
      return { error: end };
    }
  }

  async #find({ principal, scope }: Caller, taskId: string): Promise<GatewayTask | undefined> {
    const found = await this.deps.store.get(taskId);
    if (!found || found.principal !== principal || found.scope !== scopeText(scope)) {
      return undefined;
    }
    return found.createdAtMs + found.ttlMs > Date.now() ? found : undefined;
  }

  #sweep(): void {
    const nowMs = Date.now();
    if (nowMs - this.#sweptAtMs < SWEEP_INTERVAL_MS) return;
    this.#sweptAtMs = nowMs;
    this.deps.store.removeExpired(nowMs).catch(() => undefined); // the next sweep tries again
  }
}

/** Whether Mainspring cannot determine now how the call ended; that is not its outcome. */
function isUnknownEnd({ code, data }: RpcError): boolean {
  if (code !== RPC.serverError || !isJsonObject(data)) return false;
  return isErrorCode(data.code) && data.outcome === undefined;
}

/** Whether a modern client supports tasks. */
export function canFollowTasks({ capabilities }: Pick<Caller, 'capabilities'>): boolean {
  const { extensions } = capabilities;
  return isJsonObject(extensions) && isJsonObject(extensions[TASKS_EXTENSION]);
}
