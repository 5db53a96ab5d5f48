import { declined } from '../../domain/calls/input-request-permission';
import { type InputResponse } from '../../domain/calls/input-requests';
import { CallError } from './call-error';
import { type OpenCall, type ServerInputRequest } from './open-call';
import { isInputRequestMethod } from './input-request-router';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';

/**
 * Returns the params of the next round of a request: the answers to all input requests, and the
 * state as the server sent it.
 */
export async function answersTo(call: OpenCall, result: JsonObject): Promise<JsonObject> {
  const { inputRequests, requestState } = result;
  const inputResponses = await answerAll(call, inputRequests ?? {});
  return {
    ...(Object.keys(inputResponses).length > 0 && { inputResponses }),
    ...(requestState !== undefined && { requestState }),
  };
}

/**
 * Sends all input requests to the client at once. Throws CallError if the call is cancelled or its
 * server exits meanwhile.
 */
export async function answerAll(call: OpenCall, requests: Json): Promise<JsonObject> {
  const entries = Object.entries(inputRequestsOf(requests));
  const together = entries.filter(([, request]) => call.canForward(request)).length;
  const answers = entries.map(async ([key, request]) => {
    return [key, responseOf(request, await call.requestInput({ ...request, together }))] as const;
  });
  return Object.fromEntries(await call.uninterrupted(Promise.all(answers)));
}

function inputRequestsOf(requests: Json): Record<string, ServerInputRequest> {
  if (!isJsonObject(requests)) throw invalid('"inputRequests" is not an object');
  const entries = Object.entries(requests).map(([key, request]) => {
    const { method, params = {} } = isJsonObject(request) ? request : {};
    if (!isInputRequestMethod(method) || !isJsonObject(params)) {
      throw invalid(`"${key}" is not a request that clients support`);
    }
    return [key, { method, params, key }] as const;
  });
  return Object.fromEntries(entries);
}

/** 2026-07-28 has no errors among the answers. */
function responseOf({ method }: ServerInputRequest, answer: InputResponse): JsonObject {
  if ('result' in answer) return answer.result;
  const refusal = declined(method);
  if ('result' in refusal) return refusal.result;
  throw new CallError('rejected', answer.error.message, { rpc: answer.error, errorClass: 'tool' });
}

function invalid(reason: string): CallError {
  const message = `the server sent an input request that is not valid: ${reason}`;
  return new CallError('lost', message, { errorClass: 'protocol' });
}
