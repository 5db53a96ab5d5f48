import { type InputRequest, type InputRequestMethod } from '../../domain/calls/input-requests';
import { parseInputRequestId } from '../../domain/names';
import { RpcError } from '../rpc';
import { type RequestState } from './request-state';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Time after the server's deadline for an answer, beyond which the client's answer is refused. */
const REQUEST_STATE_MARGIN_MS = 60_000;

/**
 * Creates the answer to a request that requires input, and the state that the client must return
 * with its answers.
 */
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
 * Returns the client's answers to the input requests; other members are ignored.
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

/** Returns the server's own key if it is unique. */
function keyFor({ askId, key }: InputRequest, taken: ReadonlyMap<string, InputRequest>): string {
  const number = String(parseInputRequestId(askId)?.number ?? askId);
  return key === undefined || taken.has(key) ? number : key;
}

/** Whether a value can be the result of the method. */
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
