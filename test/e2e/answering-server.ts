import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the server answers a call with: an HTTP status, a JSON-RPC error code, or a result. */
export type Answer =
  | { status: number; retryAfter?: string; afterMs?: number }
  | { rpcError: number }
  | { isError: boolean };

/** An MCP server on Streamable HTTP, without sessions, that answers each call as the test says. */
export interface AnsweringServer {
  url: string;
  /** The answers to the next calls, in order; then results. */
  answers: Answer[];
  /** When the calls came, in milliseconds. */
  calledAt: number[];
  close(): Promise<void>;
}

interface Message {
  id?: number;
  method: string;
  params?: { protocolVersion?: string };
}

const TOOLS = ['once', 'again'].map((name) => ({ name, inputSchema: { type: 'object' } }));
const JSON_TYPE = { 'content-type': 'application/json' };

export async function startAnsweringServer(): Promise<AnsweringServer> {
  const answers: Answer[] = [];
  const calledAt: number[] = [];
  const http = createServer((request, response) => {
    void answer(request, response, () => {
      calledAt.push(Date.now());
      return answers.shift() ?? { isError: false };
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    answers,
    calledAt,
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => Answer,
): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405).end();
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const { id, method, params = {} } = JSON.parse(text) as Message;
  if (id === undefined) return void response.writeHead(202).end();
  const reply = (body: object) =>
    response.writeHead(200, JSON_TYPE).end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
  if (method !== 'tools/call') return void reply(replyTo(method, params));
  const wanted = next();
  if ('status' in wanted) {
    const pause = wanted.retryAfter === undefined ? {} : { 'retry-after': wanted.retryAfter };
    await sleep(wanted.afterMs ?? 0);
    response.writeHead(wanted.status, pause).end('as the test says');
  } else if ('rpcError' in wanted) {
    reply({ error: { code: wanted.rpcError, message: 'as the test says' } });
  } else {
    const content = [{ type: 'text', text: 'as the test says' }];
    reply({ result: { content, ...(wanted.isError && { isError: true }) } });
  }
}

function replyTo(method: string, { protocolVersion }: { protocolVersion?: string }): object {
  switch (method) {
    case 'initialize': {
      const serverInfo = { name: 'answering', version: '1' };
      return { result: { protocolVersion, capabilities: { tools: {} }, serverInfo } };
    }
    case 'tools/list':
      return { result: { tools: TOOLS } };
    case 'ping':
      return { result: {} };
    default:
      return { error: { code: -32601, message: `no method ${method}` } };
  }
}
