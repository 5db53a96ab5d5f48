import { type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { type RpcError } from '../rpc';
import { type RpcId } from '../../base/jsonrpc';

/** A client that takes nothing of what waits for it for this long is cut off. */
const STALLED_CLIENT_MS = 30_000;

/** Answers with a JSON document, whole. One that has gone, or has been answered, is not an error. */
export function answerJson(
  response: ServerResponse,
  status: number,
  document: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  if (isAnswered(response)) return;
  const body = Buffer.from(JSON.stringify(document));
  const own = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  response.writeHead(status, { ...own, ...headers });
  end(response, body);
}

/** Ends a response. What the network does not take at once does not wait for ever; node ends this with the response. */
export function end(response: ServerResponse, last: Buffer | string = ''): void {
  response.end(last);
  if (response.writableLength > 0) response.socket?.setTimeout(STALLED_CLIENT_MS);
}

/** Nothing can be begun on it any more: its client has gone, or was sent away. */
export function isAnswered(response: ServerResponse): boolean {
  return response.headersSent || response.destroyed;
}

/** Answers with a JSON-RPC error; `id` is that of the request, or null when it is not known. */
export function answerError(
  response: ServerResponse,
  status: number,
  id: RpcId | null,
  error: RpcError,
  headers: OutgoingHttpHeaders = {},
): void {
  answerJson(response, status, { jsonrpc: '2.0', id, error: error.toObject() }, headers);
}

/** Answers without a body, such as 202 to a notification. */
export function answerEmpty(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders = {},
): void {
  if (isAnswered(response)) return;
  response.writeHead(status, { 'Content-Length': 0, ...headers });
  response.end();
}
