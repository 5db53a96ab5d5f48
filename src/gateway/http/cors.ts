import { type IncomingMessage, type ServerResponse } from 'node:http';

const EXPOSED = 'Mcp-Session-Id, MCP-Protocol-Version, Retry-After, WWW-Authenticate';
const PREFLIGHT_MAX_AGE_S = 600;

/** Lets a web page read the response. Its origin was admitted before. */
export function allowOrigin({ headers: { origin } }: IncomingMessage, to: ServerResponse): void {
  if (origin === undefined) return;
  to.setHeader('Vary', 'Origin');
  to.setHeader('Access-Control-Allow-Origin', origin);
  to.setHeader('Access-Control-Expose-Headers', EXPOSED);
}

/**
 * Answers OPTIONS with the allowed methods, and an admitted web page with the headers that it may
 * send.
 */
export function answerOptions(
  { headers }: IncomingMessage,
  response: ServerResponse,
  methods: readonly string[],
): void {
  const allow = [...methods, 'OPTIONS'].join(', ');
  const requestedHeaders = headers['access-control-request-headers'];
  response.writeHead(204, {
    Allow: allow,
    ...(headers.origin !== undefined && {
      'Access-Control-Allow-Methods': allow,
      ...(requestedHeaders !== undefined && { 'Access-Control-Allow-Headers': requestedHeaders }),
      'Access-Control-Max-Age': PREFLIGHT_MAX_AGE_S,
    }),
  });
  response.end();
}
