import { type ServerResponse } from 'node:http';
import { answerError } from './answer';
import { endEventStream } from './event-stream';
import { idOf } from './read-message';
import { type Refusal } from './refusal';

/**
 * Ends the response to a client that is no longer admitted, with the refusal that a new request
 * would get. Its calls continue.
 */
export function sendAway(response: ServerResponse, body: unknown, refusal: Refusal): void {
  const { status, error, headers, code } = refusal;
  const id = idOf(body);
  if (!response.headersSent) return answerError(response, status, id, error, headers);
  const last = { jsonrpc: '2.0' as const, id, error: error.toObject() };
  endEventStream(response, code, id === null ? undefined : last);
}
