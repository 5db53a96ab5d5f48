import { type IncomingMessage, type ServerResponse } from 'node:http';
import { isJsonObject } from '../../domain/calls';
import { RPC } from '../rpc';
import { answerError } from './answer';
import { eraOfRequest, isModernVersion } from './classify-era';
import { type Identity } from './contract';
import { type FrontContext } from './front-context';
import { accepts, isJsonBody } from './media-types';
import { parseJson } from './parse-json';
import { readBody } from './read-body';
import { idOf } from './read-message';
import { badRequest, refusalOf } from './refusal';
import { type Countable } from './usage';

/** Streamable HTTP: checks a request and hands it to its era. */
export async function serveStreamable(
  context: FrontContext,
  request: IncomingMessage,
  response: ServerResponse,
  identity: Identity,
): Promise<void> {
  const isPost = request.method === 'POST';
  checkAccept(request);
  const body = isPost ? await readMessageBody(context, request) : undefined;
  const era = isPost ? eraOfRequest(versionOf(request), body) : 'legacy';
  try {
    checkEra(request, era, body);
    const counted = countedAs(request, body);
    const release = counted && context.usage.take(counted, identity);
    const gone = new AbortController();
    if (counted === 'streams') context.streams.add(response);
    response.once('close', () => {
      release?.();
      context.streams.delete(response);
      if (!response.writableFinished) gone.abort();
    });
    await context.eras[era].handle({ request, response, identity, body, gone: gone.signal });
  } catch (error) {
    answerFailure(context, response, error, body);
  }
}

/** Answers with what went wrong, unless an answer has begun: then the connection ends. */
export function answerFailure(
  { logger }: Pick<FrontContext, 'logger'>,
  response: ServerResponse,
  thrown: unknown,
  body?: unknown,
): void {
  const { status, error, headers } = refusalOf(thrown);
  if (status >= 500) logger.error({ error: thrown }, 'a request could not be served');
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

function checkAccept({ method, headers: { accept } }: IncomingMessage): void {
  const wanted = { POST: ['application/json', 'text/event-stream'], GET: ['text/event-stream'] };
  const missing = (method === 'POST' || method === 'GET' ? wanted[method] : []).filter(
    (type) => !accepts(accept, type),
  );
  if (missing.length > 0) throw badRequest(406, `Accept must allow ${missing.join(' and ')}.`);
}

/** The era of sessions has GET and DELETE, and had batches. */
function checkEra(request: IncomingMessage, era: string, body: unknown): void {
  if (request.method !== 'POST' && isModernVersion(versionOf(request) ?? '')) {
    const message = 'This protocol version has neither sessions nor GET streams.';
    throw badRequest(405, message, { headers: { Allow: 'POST, OPTIONS' } });
  }
  if (era === 'modern' && Array.isArray(body)) {
    throw badRequest(400, 'This protocol version has no batches.', { code: RPC.invalidRequest });
  }
}

/** Only what waits for something counts. */
function countedAs({ method }: IncomingMessage, body: unknown): Countable | undefined {
  if (method === 'GET') return 'streams';
  if (Array.isArray(body)) return 'calls';
  if (!isJsonObject(body) || body['id'] === undefined || body['method'] === undefined) return;
  return body['method'] === 'subscriptions/listen' ? 'streams' : 'calls';
}

function versionOf({ headers }: IncomingMessage): string | undefined {
  const version = headers['mcp-protocol-version'];
  return typeof version === 'string' ? version : undefined;
}
