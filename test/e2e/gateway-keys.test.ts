import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import WebSocket from 'ws';
import { readInstance } from '../../src/offline/instance';
import { fixture, REPOSITORY, startInstance, type TestInstance } from './instance';
import { executions } from './ledger';
import { until } from './until';

const FEW = 'of one who may have two calls';
const OTHER = 'of one who may have many calls';
const folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-test-'));
const config = path.join(folder, 'mainspring.json');
const ledger = path.join(folder, 'ledger');
let instance: TestInstance;
let url: string;

beforeAll(async () => {
  writeConfig({ few: { key: '${FEW}', limits: { calls: 2 } }, other: '${OTHER}' });
  const env = { FEW, OTHER, MAINSPRING_TASK_AFTER: '1ms' };
  instance = await startInstance({ config, env, gateway: true, separate: true });
  url = await until('the gateway', async () => (await readInstance(instance.home))?.apiUrl);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeConfig(keys: object): void {
  const tiny = { command: 'node', args: [fixture('tiny-server.js')], env: { LEDGER: ledger } };
  writeFileSync(config, JSON.stringify({ mcpServers: { tiny }, gateway: { keys } }));
}

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const ACCEPT = 'application/json, text/event-stream';

/** A request of 2026-07-28. */
function modern(key: string, method: string, params: object, signal?: AbortSignal) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': TASKS,
  };
  const name =
    'name' in params ? String(params.name) : 'taskId' in params ? String(params.taskId) : '';
  return fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      ...{ 'Content-Type': 'application/json', Accept: ACCEPT, 'X-API-Key': key },
      ...{ 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method, 'Mcp-Name': name },
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
    ...(signal && { signal }),
  });
}

/** A request within a session of 2025-11-25. */
async function legacy(
  key: string,
  id: number,
  method: string,
  params: object,
  signal?: AbortSignal,
) {
  const headers = { 'Content-Type': 'application/json', Accept: ACCEPT, 'X-API-Key': key };
  const send = (body: object, more: object = {}, on?: AbortSignal) =>
    fetch(`${url}/mcp`, {
      ...{ method: 'POST', headers: { ...headers, ...more } },
      body: JSON.stringify({ jsonrpc: '2.0', ...body }),
      ...(on && { signal: on }),
    });
  const clientInfo = { name: 'test', version: '1' };
  const opening = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const opened = await send({ id: 0, method: 'initialize', params: opening });
  const session = { 'Mcp-Session-Id': opened.headers.get('mcp-session-id') ?? '' };
  await opened.text();
  return send({ id, method, params }, session, signal);
}

const sleepFor = (ms: number) => ({ name: 'tiny__sleep', arguments: { ms } });
const running = async () =>
  (await instance.client.calls.list({ server: 'tiny' })).filter(
    ({ status }) => status === 'running',
  ).length;

describe('the calls of a key', () => {
  it('count until they have ended: as tasks, in other sessions, and when nobody waits for them', async () => {
    const task = await modern(FEW, 'tools/call', sleepFor(6_000));
    const { result } = (await task.json()) as { result: { taskId: string; resultType: string } };
    expect(result.resultType).toBe('task');
    const leave = new AbortController();
    const left = legacy(FEW, 5, 'tools/call', sleepFor(6_000), leave.signal);
    left.catch(() => undefined);
    await until('both calls run', async () => (await running()) === 2);
    leave.abort();
    await left.catch(() => undefined);
    for (const refused of [
      await modern(FEW, 'tools/call', sleepFor(1)),
      await legacy(FEW, 6, 'tools/call', sleepFor(1)),
    ]) {
      expect(refused.status).toBe(429);
      expect(await refused.json()).toMatchObject({
        error: {
          message: expect.stringContaining('"gateway.limits.calls" allows 2') as string,
          data: { code: 'GATEWAY_BUSY' },
        },
      });
    }
    expect((await modern(FEW, 'tasks/get', { taskId: result.taskId })).status).toBe(200);
    expect((await modern(OTHER, 'tools/call', sleepFor(1))).status).toBe(200);
    await until('the calls have ended', async () => (await running()) === 0);
    expect((await legacy(FEW, 7, 'tools/call', sleepFor(1))).status).toBe(200);
  });
});

describe('the socket of the data directory', () => {
  const socket = () => path.join(instance.home, 'api.sock');

  it('is for its owner only, and nothing that could be stolen goes over the network', async () => {
    const { mode } = statSync(socket());
    expect(mode & 0o777).toBe(0o600);
    expect(statSync(instance.home).mode & 0o077).toBe(0);
    const signing = readFileSync(path.join(instance.home, 'signing.key'));
    const formerly = createHmac('sha256', signing)
      .update('mainspring gateway: local user')
      .digest('hex');
    expect((await modern(formerly, 'tools/list', {})).status).toBe(401);
  });

  it('serves mainspring stdio, and goes to another gateway when its own was killed', async () => {
    const before = (await instance.pids()).api;
    const second = instance.spawn(['api'], { MAINSPRING_PORT: '0' });
    const home = { ...process.env, MAINSPRING_HOME: instance.home } as Record<string, string>;
    const args = [path.join(REPOSITORY, 'bin/mainspring.js'), 'stdio'];
    const client = new Client({ name: 'test', version: '1' });
    const transport = { command: process.execPath, args, env: home, stderr: 'ignore' } as const;
    await client.connect(new StdioClientTransport(transport));
    const count = (line: string) => client.callTool({ name: 'tiny__count', arguments: { line } });
    await count('before');
    await instance.kill('api');
    await count('after');
    await until('another gateway', async () => (await instance.pids()).api !== before);
    await until('it listens', () =>
      fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    expect(executions(ledger)).toEqual(['before', 'after']);
    await client.close();
    second.kill('SIGTERM');
  });
});

it('sends a key away that was taken away, and nobody else', async () => {
  const open = (key: string) => {
    const webSocket = new WebSocket(`${url.replace('http', 'ws')}/mcp/ws`, 'mcp', {
      headers: { 'X-API-Key': key },
    });
    return {
      webSocket,
      closed: new Promise<[number, Buffer]>((resolve) =>
        webSocket.on('close', (...end) => resolve(end)),
      ),
    };
  };
  const [few, other] = [open(FEW), open(OTHER)];
  const waiting = modern(FEW, 'tools/call', { name: 'tiny__count', arguments: { line: 'x' } });
  await waiting;
  writeConfig({ other: '${OTHER}' });
  expect((await instance.cli('reload', '--all')).code).toBe(0);
  expect(await few.closed).toEqual([1008, Buffer.from('KEY_REQUIRED')]);
  expect((await modern(FEW, 'tools/list', {})).status).toBe(401);
  expect(other.webSocket.readyState).toBe(WebSocket.OPEN);
  other.webSocket.terminate();
});
