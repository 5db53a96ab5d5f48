import { type IncomingMessage, type ServerResponse } from 'node:http';
import { answerError } from './answer';
import { eraOfRequest, isModernVersion } from './classify-era';
import { type HttpCall } from './contract';
import { type FrontContext } from './front-context';
import { accepts, isJsonBody } from './media-types';
import { parseJson } from './parse-json';
import { readBody } from './read-body';
import { idOf } from './read-message';
import { badRequest, refusalOf } from './refusal';
import { sendAway } from './send-away';
import { type Visit } from './visitors';
import { LateSignal } from '../../async/late-signal';
import { isJsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Streamable HTTP: checks a request and passes it to its era. */
export async function serveStreamable(
  context: FrontContext,
  request: IncomingMessage,
  response: ServerResponse,
  visit: Visit,
): Promise<void> {
  const isPost = request.method === 'POST';
  const reads = readsOf(request);
  const body = isPost ? await readMessageBody(context, request) : undefined;
  const era = isPost ? eraOfRequest(versionOf(request), body) : 'legacy';
  try {
    if (visit.dismissal) throw visit.dismissal;
    checkEra(request, era, body);
    const gone = follow(context, request, response, visit, body);
    const { identity } = visit;
    await context.eras[era].handle({
      request,
      response,
      identity,
      reads,
      body,
      get gone() {
        return gone.signal;
      },
    });
  } catch (error) {
    answerFailure(context, response, error, body);
  }
}

/** Counts a stream and watches its end; what is returned is `HttpCall.gone`. */
function follow(
  { usage, streams }: FrontContext,
  request: IncomingMessage,
  response: ServerResponse,
  visit: Visit,
  body: unknown,
): LateSignal {
  const { identity } = visit;
  const gone = new LateSignal();
  const isStream = request.method === 'GET';
  const release = isStream ? usage.take('streams', identity.principal) : undefined;
  if (isStream) streams.add(response);
  // A stream ends with its client; a call does not.
  const endsWhenDismissed = isStream || isListen(body);
  visit.onDismissed((refusal) => {
    sendAway(response, body, refusal);
    if (endsWhenDismissed) gone.abort();
  });
  response.once('close', () => {
    release?.();
    streams.delete(response);
    if (!response.writableFinished && !visit.dismissal) gone.abort();
  });
  return gone;
}

function isListen(body: unknown): boolean {
  return isJsonObject(body) && body['method'] === 'subscriptions/listen';
}

/** Answers with the error; if the response has already begun, ends the connection. */
export function answerFailure(
  { logger }: Pick<FrontContext, 'logger'>,
  response: ServerResponse,
  thrown: unknown,
  body?: unknown,
): void {
  const { status, error, headers } = refusalOf(thrown);
  if (status >= 500) logger.error({ error: thrown }, 'a request could not be handled');
  if (response.writableEnded) return; // it has been answered
  if (response.headersSent) response.destroy();
  else answerError(response, status, idOf(body), error, headers);
}

/** The body of a POST, parsed. @throws Refusal 413, 415; RpcError -32700 */
export async function readMessageBody(
  { policy }: FrontContext,
  request: IncomingMessage,
): Promise<unknown> {
  if (!isJsonBody(request.headers)) {
    throw badRequest(415, 'Content-Type must be application/json, without an encoding.');
  }
  return parseJson(await readBody(request, policy().limits.bodyBytes));
}

/** @throws Refusal 406 */
function readsOf({ method, headers: { accept } }: IncomingMessage): HttpCall['reads'] {
  const reads = {
    json: accepts(accept, 'application/json'),
    stream: accepts(accept, 'text/event-stream'),
  };
  if (method === 'GET' && !reads.stream)
    throw badRequest(406, 'Accept must allow text/event-stream.');
  if (method === 'POST' && !reads.json && !reads.stream) {
    throw badRequest(406, 'Accept must allow application/json or text/event-stream.');
  }
  return reads;
}

/** Only the legacy era has GET and DELETE, and had batches. */
function checkEra(request: IncomingMessage, era: string, body: unknown): void {
  if (request.method !== 'POST' && isModernVersion(versionOf(request) ?? '')) {
    const message = 'This protocol version supports neither sessions nor GET streams.';
    throw badRequest(405, message, { headers: { Allow: 'POST, OPTIONS' } });
  }
  if (era === 'modern' && Array.isArray(body)) {
    throw badRequest(400, 'This protocol version does not support batches.', {
      code: RPC.invalidRequest,
    });
  }
}

function versionOf({ headers }: IncomingMessage): string | undefined {
  const version = headers['mcp-protocol-version'];
  return typeof version === 'string' ? version : undefined;
}
