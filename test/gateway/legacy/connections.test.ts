import { once } from 'node:events';
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { json } from 'node:stream/consumers';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { type Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { WebSocket } from 'ws';
import { until } from '../http/front-harness';
import { useTemporaryFolder } from '../../temporary-folder';
import { type LegacyGateway, startGateway } from './legacy-harness';
import { type JsonObject } from '../../../src/base/json';

const home = useTemporaryFolder();
let gateway: LegacyGateway;

beforeEach(async () => {
  gateway = await startGateway(home(), { times: { progressMs: 50 } });
});

afterEach(() => gateway.close());

const initialize = {
  ...{ jsonrpc: '2.0', id: 'init', method: 'initialize' },
  params: {
    ...{ protocolVersion: '2025-11-25', capabilities: { roots: {} } },
    clientInfo: { name: 'test', version: '1' },
  },
};

/** A WebSocket that keeps what it gets. */
async function connect(session?: string) {
  const headers = session === undefined ? {} : { 'Mcp-Session-Id': session };
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/mcp/ws`, 'mcp', { headers });
  const got: JsonObject[] = [];
  socket.on('message', (data: Buffer) => got.push(JSON.parse(String(data)) as JsonObject));
  let id = session ?? '';
  socket.on('upgrade', (response) => (id = String(response.headers['mcp-session-id'])));
  await once(socket, 'open');
  return {
    socket,
    got,
    session: id,
    send: (message: object) => socket.send(JSON.stringify(message)),
  };
}

const call = (id: number, name: string, args: object) => ({
  ...{
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: `tiny__${name}`, arguments: args },
  },
});

it.each([
  ['HTTP+SSE', () => new SSEClientTransport(new URL('/sse', gateway.url))],
  [
    'WebSocket',
    () => new WebSocketClientTransport(new URL(`ws://127.0.0.1:${gateway.port}/mcp/ws`)),
  ],
])('a client over %s calls, hears progress and is asked', async (_name, open) => {
  const client = new Client({ name: 'test', version: '1' }, { capabilities: {} });
  Object.assign(globalThis, { WebSocket }); // Node 20 has none of its own
  const transport: Transport = open();
  await client.connect(transport);
  // From the wire: the SDK drops what comes in the same chunk as the answer.
  const progress: unknown[] = [];
  const { onmessage } = transport;
  transport.onmessage = (message, extra) => {
    const isProgress = 'method' in message && message.method === 'notifications/progress';
    if (isProgress) progress.push(message.params?.['progress']);
    onmessage?.(message, extra);
  };
  const params = { name: 'tiny__progress', arguments: { steps: 2 } };
  await client.callTool(params, undefined, { onprogress: () => undefined });
  expect(progress).toEqual([1, 2]);
  expect(await client.callTool({ name: 'tiny__ask', arguments: {} })).toMatchObject({
    content: [{ text: '{"result":{"roots":[]}}' }],
  });
  await client.close();
  await until(() => gateway.era.usage().live === 0);
});

it.each<[string, string, OutgoingHttpHeaders]>([
  ['a stream', '/mcp/s/nope/sse', { Accept: 'text/event-stream' }],
  [
    'an upgrade',
    '/mcp/s/nope/ws',
    {
      ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
      'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    },
  ],
])('refuses %s of an unknown server with 404 and its code', async (_what, path, headers) => {
  const request = http.get(new URL(path, gateway.url), { headers });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
    request.on('upgrade', () => reject(new Error('it was upgraded')));
  });
  expect(response.statusCode).toBe(404);
  expect(await json(response)).toMatchObject({ error: { data: { code: 'UNKNOWN_SERVER' } } });
  expect(gateway.era.usage()).toMatchObject({ live: 0, channels: 0 });
});

it('a connection that breaks is gone on with by another one, which gets what is missing', async () => {
  const first = await connect();
  first.send(initialize);
  await until(() => first.got.length === 1);
  first.send(call(1, 'wait', { ms: 300 }));
  first.send(call(2, 'ask', { method: 'roots/list' }));
  await until(() => first.got.length === 2);
  first.socket.terminate();
  await until(() => gateway.era.usage().channels === 0);
  await until(() => gateway.operations.running === 1);
  expect(gateway.operations.cancelled).toEqual([]);

  const second = await connect(first.session);
  await until(() => second.got.length === 2);
  expect(second.got.map(({ id }) => id)).toEqual([1, first.got[1]?.id]);
  second.send({ jsonrpc: '2.0', id: first.got[1]?.id, result: { roots: [] } });
  await until(() => second.got.length === 3);
  expect(second.got[2]).toMatchObject({ id: 2, result: {} });
  second.socket.close(1000);
  await until(() => gateway.era.usage().live === 0);
  await expect(connect(first.session)).rejects.toThrow('404');
});

it('refuses what comes before initialize, and keeps the order of what comes with it', async () => {
  const { socket, got, send } = await connect();
  send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  send({ jsonrpc: '2.0', id: 2, method: 'ping' });
  send(initialize);
  send({ jsonrpc: '2.0', id: 3, method: 'ping' });
  await until(() => got.length === 4);
  expect(got.map(({ id }) => id)).toEqual([1, 2, 'init', 3]);
  expect(got[0]).toMatchObject({ error: { code: -32600 } });
  socket.close();
});

it('keeps nothing of connections that break while their session is opened', async () => {
  await gateway.close();
  gateway = await startGateway(home(), { times: { lingerMs: 20, sweepMs: 20 } });
  const connections = await Promise.all(Array.from({ length: 5 }, () => connect()));
  for (const { socket, send } of connections) {
    send(initialize);
    socket.terminate();
  }
  await until(() => gateway.usage.total('streams') === 0);
  await until(() => gateway.era.usage().live === 0);
});
