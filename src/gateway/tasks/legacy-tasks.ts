import {
  type InputRequest,
  PENDING_INPUT_REQUESTS_INTERVAL_MS,
} from '../../domain/calls/input-requests';
import { type GatewayTask } from '../../domain/endpoint/gateway-task';
import { type Exchange } from '../exchange';
import { type Operations } from '../operations';
import { RpcError } from '../rpc';
import { type Started } from '../calls/started';
import { type LegacyTasks } from './contract';
import { afterCursor, cursorAfter } from './task-cursor';
import { isOver as hasEnded, type TaskState } from './task-state';
import { legacyResult, legacyTask, toLegacy } from './legacy-task';
import { TaskExchange } from './task-exchange';
import { type Tasks } from './tasks';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';
import { pause } from '../../async/pause';

export interface LegacyTasksDeps {
  tasks: Tasks;
  operations: Operations;
  /** Returns the open input requests of a call by its ID: other gateways may have received them. */
  pendingInputRequests(callId: string): Promise<InputRequest[]>;
}

/** Experimental tasks of 2025-11-25: their clients decide which call is a task. */
export function createLegacyTasks(deps: LegacyTasksDeps): LegacyTasks {
  const { tasks } = deps;
  return {
    call: (exchange, params) => call(deps, exchange, params),

    async handle(exchange, method, params) {
      if (method === 'tasks/list') return list(tasks, exchange, params);
      const task = await tasks.get(exchange, params);
      switch (method) {
        case 'tasks/get':
          return legacyTask(await tasks.state(exchange, task));
        case 'tasks/cancel':
          return cancel(tasks, exchange, task);
        case 'tasks/result':
          return result(deps, exchange, task);
      }
    },
  };
}

async function call(
  { tasks, operations }: LegacyTasksDeps,
  exchange: Exchange,
  { task: taskParams, ...params }: JsonObject,
): Promise<JsonObject> {
  const ttlMs = ttlOf(taskParams);
  const request = new TaskExchange(exchange);
  const started = await operations.start(request, 'tools/call', params, { durable: true });
  if (started.callId === '') throw await refusal(started);
  started.result().catch(() => undefined); // `tasks/result` waits for it, perhaps in another process
  const tool = typeof params.name === 'string' ? params.name : '';
  const task = await tasks.create(exchange, started, tool, ttlMs);
  request.of(task.taskId);
  return { task: legacyTask(await tasks.state(exchange, task)) };
}

/**
 * Waits for the end. Meanwhile it sends the server's input requests to the client, whichever
 * gateway received them.
 */
async function result(
  deps: LegacyTasksDeps,
  exchange: Exchange,
  task: GatewayTask,
): Promise<JsonObject> {
  const { tasks, operations } = deps;
  const { taskId } = task;
  const request = new TaskExchange(exchange).of(taskId);
  const over = new AbortController();
  const watch = async () => {
    const { signal } = over;
    while (!signal.aborted) {
      const asks = await deps.pendingInputRequests(taskId).catch(() => []); // the next poll tries again
      for (const ask of asks.filter(({ askId }) => !request.hasRequested(askId))) {
        const answered = request
          .requestInput(ask)
          .then((answer) => operations.answer(ask.askId, answer));
        answered.catch(() => undefined); // the next `tasks/result` sends it again
      }
      await pause(PENDING_INPUT_REQUESTS_INTERVAL_MS, signal);
    }
  };
  try {
    void watch();
    const gone = aborted(exchange.signal, over.signal);
    return legacyResult(await Promise.race([tasks.ended(request, task), gone]));
  } finally {
    request.end();
    over.abort();
  }
}

async function cancel(tasks: Tasks, exchange: Exchange, task: GatewayTask): Promise<JsonObject> {
  const state = toLegacy(await tasks.state(exchange, task));
  if (hasEnded(state)) {
    const message = `Cannot cancel task: already in terminal status '${state.status}'`;
    throw new RpcError(RPC.invalidParams, message);
  }
  return legacyTask({ ...state, task: await tasks.cancel(task), changedAtMs: Date.now() });
}

async function list(tasks: Tasks, exchange: Exchange, { cursor }: JsonObject): Promise<JsonObject> {
  const after = cursor === undefined ? undefined : afterCursor(cursor);
  const { tasks: found, isMore } = await tasks.list(exchange, after);
  const states = await Promise.all(
    // A task that Temporal no longer has cannot be fetched either.
    found.map((task) => tasks.state(exchange, task).catch(() => undefined)),
  );
  const last = found.at(-1);
  return {
    tasks: states.filter((state): state is TaskState => state !== undefined).map(legacyTask),
    ...(isMore && last && { nextCursor: cursorAfter(last) }),
  };
}

function ttlOf(taskParams: unknown): number | undefined {
  const ttl = isJsonObject(taskParams) ? taskParams.ttl : null;
  if (ttl === undefined) return undefined;
  if (typeof ttl === 'number' && ttl >= 0) return Math.round(ttl);
  throw new RpcError(RPC.invalidParams, '"task" must be { ttl?: milliseconds }');
}

/**
 * Returns the error for a call that Temporal never had: there is nothing to follow, and the answer
 * to the request cannot be a result.
 */
async function refusal(started: Started): Promise<RpcError> {
  const { content } = await started.result();
  const [first] = Array.isArray(content) ? content : [];
  const text = isJsonObject(first) && typeof first.text === 'string' ? first.text : 'Refused';
  return new RpcError(RPC.invalidParams, text);
}

/** Rejects when the client no longer waits. */
function aborted(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = () => reject(new RpcError(RPC.serverError, 'Cancelled'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    over.addEventListener('abort', () => signal.removeEventListener('abort', abort), {
      once: true,
    });
  });
}
