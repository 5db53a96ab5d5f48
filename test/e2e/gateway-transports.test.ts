import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { type Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import WebSocket from 'ws';
import { readInstance } from '../../src/offline/instance';
import { executions } from './ledger';
import { fixture, REPOSITORY, startInstance, type TestInstance } from './instance';
import { until } from './until';

const KEY = 'a key that nobody can guess';

const folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-test-'));
const config = path.join(folder, 'mainspring.json');
const ledger = path.join(folder, 'ledger');
let instance: TestInstance;
const clients: Client[] = [];

beforeAll(async () => {
  Object.assign(globalThis, { WebSocket: globalThis.WebSocket ?? WebSocket }); // Node 20 has none
  writeConfig({});
  instance = await startInstance({
    config,
    env: { CI_KEY: KEY },
    gateway: true,
    separate: true,
  });
});
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeConfig(gateway: object): void {
  const tiny = { command: 'node', args: [fixture('tiny-server.js')], env: { LEDGER: ledger } };
  const profiles = { ci: { servers: ['tiny'] } };
  writeFileSync(config, JSON.stringify({ mcpServers: { tiny }, profiles, gateway }));
}

async function sleeps(): Promise<number> {
  const calls = await instance.client.calls.list({ server: 'tiny' });
  return calls.filter(({ tool }) => tool === 'sleep').length;
}

async function url(protocol = 'http'): Promise<string> {
  const found = await until('the gateway', async () => (await readInstance(instance.home))?.apiUrl);
  return found.replace(/^http/, protocol);
}

async function connect(transport: Transport): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  clients.push(client);
  await client.connect(transport);
  return client;
}

function stdio(...args: string[]): StdioClientTransport {
  const command = path.join(REPOSITORY, 'bin/mainspring.js');
  const env = { ...process.env, MAINSPRING_HOME: instance.home } as Record<string, string>;
  const all = [command, 'stdio', ...args];
  return new StdioClientTransport({ command: process.execPath, args: all, env, stderr: 'ignore' });
}

const transports: [name: string, tool: string, open: () => Promise<Transport>][] = [
  [
    ...(['HTTP+SSE', 'tiny__count'] as const),
    async () => new SSEClientTransport(new URL(`${await url()}/sse`)),
  ],
  [
    ...(['WebSocket', 'tiny__count'] as const),
    async () => new WebSocketClientTransport(new URL(`${await url('ws')}/mcp/ws`)),
  ],
  [
    ...(['WebSocket of a server', 'count'] as const),
    async () => new WebSocketClientTransport(new URL(`${await url('ws')}/mcp/s/tiny/ws`)),
  ],
  [...(['stdio', 'tiny__count'] as const), async () => stdio()],
  [...(['stdio of a server', 'count'] as const), async () => stdio('--server', 'tiny')],
];

it.each(transports)('serves a client over %s', async (name, tool, open) => {
  const client = await connect(await open());
  expect((await client.listTools()).tools.map((one) => one.name)).toContain(tool);
  const { content } = await client.callTool({ name: tool, arguments: { line: name } });
  expect(content).toMatchObject([{ type: 'text' }]);
  expect(executions(ledger).filter((line) => line === name)).toHaveLength(1);
});

it('answers over stdio what was in flight when the gateway died, executed once', async () => {
  const client = await connect(stdio());
  const sleeping = client.callTool({ name: 'tiny__sleep', arguments: { ms: 3_000 } });
  await until('the call runs', async () => (await sleeps()) === 1);
  await instance.kill('api');
  expect(await sleeping).toMatchObject({ content: [{ type: 'text' }] });
  await until('the record of the call', async () => (await sleeps()) > 0);
  expect(await sleeps()).toBe(1);
  const after = { name: 'tiny__count', arguments: { line: 'after' } };
  expect(await client.callTool(after)).toMatchObject({ content: [{ type: 'text' }] });
});

it('takes keys from a config without a restart, and still lets the local command in', async () => {
  writeConfig({ keys: { ci: { key: '${CI_KEY}', profile: 'ci' } } });
  expect((await instance.cli('reload', '--all')).code).toBe(0);
  const plain = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };
  const at = `${await url()}/mcp`;
  await until('a key is needed', async () => (await fetch(at, plain)).status === 401);
  const requestInit = { headers: { Authorization: `Bearer ${KEY}` } };
  const client = await connect(new StreamableHTTPClientTransport(new URL(at), { requestInit }));
  const call = { name: 'tiny__count', arguments: { line: 'with a key' } };
  expect(await client.callTool(call)).toMatchObject({ content: [{ type: 'text' }] });
  const elsewhere = await fetch(`${at}/s/tiny`, {
    ...plain,
    headers: { ...plain.headers, 'X-API-Key': KEY },
  });
  expect(elsewhere.status).toBe(403);
  expect((await (await connect(stdio())).listTools()).tools.length).toBeGreaterThan(0);
});
