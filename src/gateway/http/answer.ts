import { type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { type RpcError } from '../rpc';
import { type RpcId } from '../../base/jsonrpc';

/** Time after which a client that does not read its response is disconnected. */
const STALLED_CLIENT_MS = 30_000;

/** Sends a JSON document. Does nothing if the response has begun or the client has disconnected. */
export function answerJson(
  response: ServerResponse,
  status: number,
  document: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  if (isAnswered(response)) return;
  const body = JSON.stringify(document);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  end(response, body); // Node.js sends a string together with the headers
}

/**
 * Ends a response. If the network does not accept it at once, a timeout applies; Node.js removes it
 * when the response ends.
 */
export function end(response: ServerResponse, last: Buffer | string = ''): void {
  response.end(last);
  if (response.writableLength > 0) response.socket?.setTimeout(STALLED_CLIENT_MS);
}

/** Whether the response has begun, or its client has disconnected. */
export function isAnswered(response: ServerResponse): boolean {
  return response.headersSent || response.destroyed;
}

/** Sends a JSON-RPC error; `id` is that of the request, or null if it is not known. */
export function answerError(
  response: ServerResponse,
  status: number,
  id: RpcId | null,
  error: RpcError,
  headers: OutgoingHttpHeaders = {},
): void {
  answerJson(response, status, { jsonrpc: '2.0', id, error: error.toObject() }, headers);
}

/** Sends a response without a body, such as 202 to a notification. */
export function answerEmpty(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders = {},
): void {
  if (isAnswered(response)) return;
  response.writeHead(status, { 'Content-Length': 0, ...headers });
  response.end();
}
