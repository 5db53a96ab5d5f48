import { type RequestOptions } from '@modelcontextprotocol/client';
import { CallError, cancelled } from './call-error';
import { answersTo } from './input-rounds';
import { ANY_RESULT } from '../lists/listing';
import { type CallOptions, type McpRequest, OpenCall, type Send } from './open-call';
import { PendingCall } from './pending-call';
import { metaFor } from './request-meta';
import { followLegacyTask, followModernTask } from './tasks';
import { isJsonObject, type JsonObject } from '../../base/json';
import { type McpSession } from '../session/mcp-session';
import { RPC } from '../../base/jsonrpc';

/** Maximum number of input rounds of a modern server in one call. */
const MAX_INPUT_ROUNDS = 10;

/** The SDK's own timeout is only a fallback behind ours. */
const SDK_MARGIN_MS = 10_000;

/**
 * Sends a request to a server and follows it to its result. A modern server may require input of
 * the client first, and any server may turn the call into a task. The result is exactly as the
 * server sent it; throws CallError.
 */
export async function runRequest(
  session: McpSession,
  request: McpRequest,
  options: CallOptions,
): Promise<JsonObject> {
  const call = new OpenCall(options, session.gone);
  session.calls.add(call);
  try {
    const send: Send = (message) => sendOne(session, call, message);
    const isModern = session.client.getProtocolEra() === 'modern';
    if (isModern) return await inRounds(session, call, request, send);
    const result = await send(request);
    const isTask = 'task' in request.params && isJsonObject(result['task']);
    return isTask ? await followLegacyTask(session, call, result['task'], send) : result;
  } finally {
    call.end();
    session.calls.delete(call);
    for (const id of call.requestIds) session.wire.forget(id);
  }
}

/** 2026-07-28: a result may require input, and the request is sent again with the answers. */
async function inRounds(
  session: McpSession,
  call: OpenCall,
  request: McpRequest,
  send: Send,
): Promise<JsonObject> {
  let { params } = request;
  for (let round = 0; round <= MAX_INPUT_ROUNDS; round++) {
    const result = await send({ ...request, params });
    const { resultType = 'complete' } = result;
    if (resultType === 'complete') return result;
    if (resultType === 'task') return followModernTask(session, call, result, send);
    if (resultType !== 'input_required') throw unknownType(resultType, result);
    params = { ...request.params, ...(await answersTo(call, result)) };
  }
  const message = `the server still requests input after ${MAX_INPUT_ROUNDS} rounds`;
  throw new CallError('rejected', message, {
    rpc: { code: RPC.invalidRequest },
    errorClass: 'tool',
  });
}

async function sendOne(
  session: McpSession,
  call: OpenCall,
  request: McpRequest,
): Promise<JsonObject> {
  const isFirst = !call.isSent;
  const { client } = session;
  const { method, headerTool } = request;
  const meta = metaFor(session, call.options);
  const params = { ...request.params, ...(meta && { _meta: meta }) };
  try {
    return await new PendingCall(session, call).run((signal) => {
      const options = requestOptions(call, method, signal);
      return headerTool
        ? client.callTool(
            { ...params, name: headerTool.name },
            { ...options, toolDefinition: headerTool },
          )
        : client.request({ method, params }, ANY_RESULT, options);
    });
  } catch (error) {
    throw isFirst ? error : ofLaterMessage(error, call);
  } finally {
    // The first ID stays: a task reports its progress under it.
    for (const id of call.requestIds.splice(1)) session.wire.forget(id);
  }
}

function requestOptions(call: OpenCall, method: string, signal: AbortSignal): RequestOptions {
  const timeout = call.clock.horizonMs + SDK_MARGIN_MS;
  return {
    signal,
    timeout,
    maxTotalTimeout: timeout,
    // Makes the SDK request progress, which PendingCall reads from the wire.
    ...(call.options.onProgress && !method.startsWith('tasks/') && { onprogress: () => undefined }),
  };
}

/** The server already has the call, so its outcome is unknown if a later message fails. */
function ofLaterMessage(error: unknown, { options }: OpenCall): unknown {
  if (!(error instanceof CallError) || error.kind !== 'not-sent') return error;
  if (options.signal?.aborted) return cancelled('idle');
  const { message, cause, errorClass = 'network' } = error;
  return new CallError('lost', message, { cause, errorClass });
}

function unknownType(resultType: unknown, result: JsonObject): CallError {
  const message = `the server returned "${JSON.stringify(resultType)}" instead of a result`;
  return new CallError('rejected', message, {
    rpc: { code: RPC.invalidRequest, data: result },
    errorClass: 'tool',
  });
}
