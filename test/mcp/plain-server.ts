import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { isJsonObject } from '../../src/base/json';

/** What a test may have a server do in place of answering; true when it has answered. */
export type Twist = (request: Request) => boolean;

interface Request {
  http: IncomingMessage;
  response: ServerResponse;
  /** Of the JSON-RPC message; undefined for a GET or DELETE. */
  method: string | undefined;
  /** Whether it came with a session that is known. */
  hasSession: boolean;
}

/** A small Streamable HTTP server of the legacy era with sessions, in this process, that a test can make odd. */
export interface PlainServer {
  readonly url: string;
  readonly sessions: Set<string>;
  /** Methods of the requests that came: of JSON-RPC, or of HTTP. */
  readonly came: string[];
  twist: Twist;
  close(): void;
}

export async function startPlainServer(twist: Twist = () => false): Promise<PlainServer> {
  const sessions = new Set<string>();
  const came: string[] = [];
  const http = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const message: unknown = request.method === 'POST' ? JSON.parse(await text(request)) : {};
    const { id, method } = isJsonObject(message) ? message : {};
    const rpc = typeof method === 'string' ? method : undefined;
    came.push(rpc ?? request.method ?? '');
    const hasSession = sessions.has(String(request.headers['mcp-session-id']));
    if (server.twist({ http: request, response, method: rpc, hasSession })) return;
    if (rpc === undefined) return void response.writeHead(405).end();
    if (!hasSession && rpc !== 'initialize') return void response.writeHead(400).end();
    if (id === undefined) return void response.writeHead(202).end();
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (rpc === 'initialize') {
      headers['mcp-session-id'] = randomUUID();
      sessions.add(headers['mcp-session-id']);
    }
    response.writeHead(200, headers).end(JSON.stringify({ jsonrpc: '2.0', id, ...answerTo(rpc) }));
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const server: PlainServer = {
    ...{ url: `http://127.0.0.1:${port}/mcp`, sessions, came, twist },
    close() {
      http.close();
      http.closeAllConnections();
    },
  };
  return server;
}

function answerTo(method: string): object {
  switch (method) {
    case 'initialize':
      return {
        result: {
          protocolVersion: '2025-06-18',
          capabilities: { tools: {} },
          serverInfo: { name: 'plain', version: '1' },
        },
      };
    case 'ping':
      return { result: {} };
    case 'tools/list':
      return { result: { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] } };
    case 'tools/call':
      return { result: { content: [{ type: 'text', text: 'done' }] } };
    default:
      return { error: { code: -32601, message: `Method not found: ${method}` } };
  }
}
