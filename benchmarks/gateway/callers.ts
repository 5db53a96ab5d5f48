import { Agent, type IncomingMessage, request } from 'node:http';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Caller, type Target } from './load';

/** Tool that is called, and what its answer contains. */
const ARGUMENTS = { text: 'x' };
const MARK = '"text":"x"';
const PROTOCOL_VERSION = '2025-11-25';
const MODERN_VERSION = '2026-07-28';
const CLIENT_INFO = { name: 'bench', version: '1' };

const ACCEPT = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Client of before 2026-07-28 on Streamable HTTP, reduced to what must go over the wire. */
export function legacyHttp(url: string, tool: string): Target {
  return {
    async open() {
      const connection = connect(url);
      const session = await initialize(connection);
      let id = 1;
      return {
        async call() {
          const params = { name: tool, arguments: ARGUMENTS };
          const sent = { jsonrpc: '2.0', id: ++id, method: 'tools/call', params };
          expectAnswer(await connection.post(sent, session));
        },
        close: () => connection.close(),
      };
    },
  };
}

/** Client of 2026-07-28: no session, and everything in each request. */
export function modernHttp(url: string, tool: string): Target {
  const params = {
    name: tool,
    arguments: ARGUMENTS,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
      'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  };
  const headers = {
    'mcp-protocol-version': MODERN_VERSION,
    'mcp-method': 'tools/call',
    'mcp-name': tool,
  };
  return {
    async open() {
      const connection = connect(url);
      let id = 0;
      return {
        async call() {
          const sent = { jsonrpc: '2.0', id: ++id, method: 'tools/call', params };
          expectAnswer(await connection.post(sent, headers));
        },
        close: () => connection.close(),
      };
    },
  };
}

/** Client of an HTTP endpoint that is not MCP: its body is sent as it is. */
export function plainHttp(url: string, body: object): Target {
  return {
    async open() {
      const connection = connect(url);
      return {
        call: async () => expectAnswer(await connection.post(body)),
        close: () => connection.close(),
      };
    },
  };
}

/** Client of the SDK on one process, shared by all callers, as in a program that starts a server. */
export function stdio(command: string, args: string[], tool: string): Target {
  let shared: Promise<Client> | undefined;
  let users = 0;
  const start = async () => {
    const client = new Client(CLIENT_INFO);
    await client.connect(new StdioClientTransport({ command, args, stderr: 'ignore' }));
    return client;
  };
  return {
    async open() {
      shared ??= start();
      users += 1;
      const client = await shared;
      return {
        call: async () => void (await client.callTool({ name: tool, arguments: ARGUMENTS })),
        async close() {
          if (--users > 0) return;
          shared = undefined;
          await client.close();
        },
      };
    },
  };
}

/** Opens a session as clients leave them: initialized, with a stream for messages of the server, and silent. */
export async function openIdleSession(url: string): Promise<() => Promise<void>> {
  const connection = connect(url);
  const session = await initialize(connection);
  const stream = await connection.listen(session);
  return async () => {
    stream.destroy();
    await connection.close();
  };
}

async function initialize(connection: ReturnType<typeof connect>): Promise<Record<string, string>> {
  const params = {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: CLIENT_INFO,
  };
  const first = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
  const { status, headers, body } = await connection.post(first);
  if (status !== 200) throw new Error(`initialize: ${status} ${body}`);
  const id = headers['mcp-session-id'];
  const session = {
    'mcp-protocol-version': PROTOCOL_VERSION,
    ...(typeof id === 'string' && { 'mcp-session-id': id }),
  };
  await connection.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session);
  return session;
}

/** Opens one keep-alive connection for requests, and more for streams. */
function connect(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const streams = new Agent();
  const post = (sent: object, headers: Record<string, string> = {}) => {
    const body = JSON.stringify(sent);
    return new Promise<Reply>((resolve, reject) => {
      const length = { 'content-length': Buffer.byteLength(body) };
      const outgoing = request(
        url,
        { method: 'POST', agent, headers: { ...ACCEPT, ...headers, ...length } },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const { statusCode: status = 0, headers: received } = incoming;
            resolve({ status, headers: received, body: Buffer.concat(chunks).toString() });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  };
  const listen = (headers: Record<string, string>) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const accept = { accept: 'text/event-stream' };
      const outgoing = request(url, { agent: streams, headers: { ...accept, ...headers } });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        incoming.on('error', () => undefined); // it is cut at the end
        incoming.resume();
        resolve(incoming);
      });
      outgoing.end();
    });
  return {
    post,
    listen,
    async close() {
      agent.destroy();
      streams.destroy();
    },
  };
}

function expectAnswer({ status, body }: Reply): void {
  // Some quote the text once more, and some give only the text.
  if (status === 200 && (body.includes(MARK) || body.includes('\\"x\\"') || body === '"x"')) return;
  throw new Error(`no answer: ${status} ${body.slice(0, 500)}`);
}

export type { Caller };
