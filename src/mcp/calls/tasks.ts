import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError } from '@modelcontextprotocol/client';
import { CallError, type CancelEnd, cancelled } from './call-error';
import { classOfRpcCode } from './classify-error';
import { answerAll } from './input-rounds';
import { isResponding } from '../session/is-responding';
import { type OpenCall, type Send } from './open-call';
import { ANY_RESULT } from '../lists/listing';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';
import { type McpSession } from '../session/mcp-session';
import { RPC } from '../../base/jsonrpc';

const DEFAULT_POLL_MS = 500;
const MIN_POLL_MS = 20;
const MAX_POLL_MS = 5_000;
/** Time limit for a server to confirm the cancellation of a task. */
const CANCEL_TIMEOUT_MS = 2_000;

/**
 * Follows a call that we asked the server to run as a task (2025-11-25). Resolves with the tool's
 * result.
 */
export async function followLegacyTask(
  session: McpSession,
  call: OpenCall,
  created: Json | undefined,
  send: Send,
): Promise<JsonObject> {
  const taskId = taskIdOf(created);
  call.taskId = taskId;
  return withCancel(session, taskId, async () => {
    let task = created;
    while (isJsonObject(task) && task['status'] === 'working') {
      await pause(call, task['pollInterval']);
      task = await send({ method: 'tasks/get', params: { taskId } });
    }
    // Fetches the result in any final state. While the task waits for input, its requests come on
    // the stream of this request.
    return send({ method: 'tasks/result', params: { taskId } });
  });
}

/**
 * Follows a call that the server turned into a task by itself (extension
 * io.modelcontextprotocol/tasks).
 */
export async function followModernTask(
  session: McpSession,
  call: OpenCall,
  created: JsonObject,
  send: Send,
): Promise<JsonObject> {
  const taskId = taskIdOf(created);
  const answered = new Set<string>();
  return withCancel(session, taskId, async () => {
    for (let task = created; ;) {
      await pause(call, task['pollIntervalMs']);
      task = await send({ method: 'tasks/get', params: { taskId } });
      if (task['status'] === 'input_required') {
        const requests = unansweredOf(task['inputRequests'], answered);
        const keys = Object.keys(requests);
        if (keys.length === 0) continue;
        const inputResponses = await answerAll(call, requests);
        await send({ method: 'tasks/update', params: { taskId, inputResponses } });
        for (const key of keys) answered.add(key);
      } else if (task['status'] !== 'working') return endOf(task);
    }
  });
}

/** Cancels the task if its call is cancelled or times out. */
async function withCancel(
  session: McpSession,
  taskId: string,
  follow: () => Promise<JsonObject>,
): Promise<JsonObject> {
  try {
    return await follow();
  } catch (error) {
    const isOurs = error instanceof CallError;
    if (!isOurs || (error.kind !== 'cancelled' && error.errorClass !== 'timeout')) throw error;
    const how = await cancelTask(session, taskId);
    throw error.kind === 'cancelled' ? cancelled(how) : error;
  }
}

async function cancelTask(session: McpSession, taskId: string): Promise<CancelEnd> {
  const request = { method: 'tasks/cancel', params: { taskId } };
  const timeouts = { timeout: CANCEL_TIMEOUT_MS, maxTotalTimeout: CANCEL_TIMEOUT_MS };
  try {
    await session.client.request(request, ANY_RESULT, timeouts);
    return 'answered';
  } catch (error) {
    const isAlive = error instanceof ProtocolError || (await isResponding(session));
    return isAlive ? 'silent' : 'lost';
  }
}

/** Waits until the next poll of a task. */
async function pause(call: OpenCall, interval: Json | undefined): Promise<void> {
  const requestedMs = typeof interval === 'number' ? interval : DEFAULT_POLL_MS;
  const ms = Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, requestedMs));
  const late = new Promise<never>((_, reject) => {
    const message = `no answer within ${call.options.timeoutMs} ms`;
    call.clock.start(() => reject(new CallError('lost', message, { errorClass: 'timeout' })));
  });
  try {
    await call.uninterrupted(Promise.race([sleep(ms), late]));
  } finally {
    call.clock.stop();
  }
}

function endOf(task: JsonObject): JsonObject {
  const { status, statusMessage, result, error } = task;
  if (status === 'completed' && isJsonObject(result)) return result;
  if (status === 'failed') throw failedWith(error, statusMessage);
  if (status === 'cancelled') throw failedWith(undefined, 'the server has cancelled the task');
  const message = `the server reported the task as ${JSON.stringify(status)} without a result`;
  throw new CallError('lost', message, { errorClass: 'protocol' });
}

function failedWith(error: Json | undefined, why: Json | undefined): CallError {
  const { code, message, data } = isJsonObject(error) ? error : {};
  const text = typeof message === 'string' ? message : why;
  const rpcCode = typeof code === 'number' ? code : RPC.internalError;
  return new CallError('rejected', typeof text === 'string' ? text : 'the task failed', {
    rpc: { code: rpcCode, ...(data !== undefined && { data }) },
    errorClass: classOfRpcCode(rpcCode),
  });
}

function unansweredOf(requests: Json | undefined, answered: ReadonlySet<string>): JsonObject {
  const all = Object.entries(isJsonObject(requests) ? requests : {});
  return Object.fromEntries(all.filter(([key]) => !answered.has(key)));
}

function taskIdOf(task: Json | undefined): string {
  const id = isJsonObject(task) ? task['taskId'] : undefined;
  if (typeof id === 'string') return id;
  const message = 'the server turned the call into a task without an ID';
  throw new CallError('lost', message, { errorClass: 'protocol' });
}
