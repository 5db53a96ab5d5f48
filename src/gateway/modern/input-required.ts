import { type InputRequest, type InputRequestMethod } from '../../domain/calls/input-requests';
import { parseInputRequestId } from '../../domain/names';
import { RpcError } from '../rpc';
import { type RequestState } from './request-state';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Beyond the time that a server waits for an answer: what a client brings later is refused. */
const REQUEST_STATE_MARGIN_MS = 60_000;

/** What a request that waits for its client is answered with, and what the client must bring back with the answers. */
export function inputRequired(
  callId: string,
  asks: readonly InputRequest[],
  answered: Iterable<string>,
): { inputRequests: JsonObject; state: RequestState } {
  const byKey = new Map<string, InputRequest>();
  for (const ask of asks) byKey.set(keyFor(ask, byKey), ask);
  const entries = [...byKey];
  const deadlines = asks.map(({ createdAtMs, timeoutMs }) => createdAtMs + timeoutMs);
  return {
    inputRequests: Object.fromEntries(
      entries.map(([key, { method, params }]) => [key, { method, params }]),
    ),
    state: {
      callId,
      asks: Object.fromEntries(entries.map(([key, { askId, method }]) => [key, { askId, method }])),
      answered: [...answered],
      expiresAtMs: Math.max(...deadlines) + REQUEST_STATE_MARGIN_MS,
    },
  };
}

/**
 * The answers to what was asked that a client brings; other members mean nothing.
 *
 * @throws RpcError -32602 when one cannot be an answer
 */
export function answersOf(
  { asks }: RequestState,
  inputResponses: unknown,
): { askId: string; result: JsonObject }[] {
  if (inputResponses !== undefined && !isJsonObject(inputResponses)) {
    throw new RpcError(RPC.invalidParams, '"inputResponses" must be an object');
  }
  return Object.entries(asks).flatMap(([key, { askId, method }]) => {
    if (!inputResponses || !Object.hasOwn(inputResponses, key)) return [];
    const result = inputResponses[key];
    if (isJsonObject(result) && isAnswer(method, result)) return [{ askId, result }];
    const message = `"inputResponses.${key}" is not a result of ${method}`;
    throw new RpcError(RPC.invalidParams, message);
  });
}

/** The server's own name for it, where that tells it apart. */
function keyFor({ askId, key }: InputRequest, taken: ReadonlyMap<string, InputRequest>): string {
  const number = String(parseInputRequestId(askId)?.number ?? askId);
  return key === undefined || taken.has(key) ? number : key;
}

/** Whether it can be the result of that method. */
export function isAnswer(method: InputRequestMethod, result: JsonObject): boolean {
  switch (method) {
    case 'elicitation/create':
      return typeof result.action === 'string';
    case 'sampling/createMessage':
      return result.content !== undefined;
    case 'roots/list':
      return Array.isArray(result.roots);
  }
}
