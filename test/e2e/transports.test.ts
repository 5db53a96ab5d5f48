import { type ChildProcess, spawn } from 'node:child_process';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { choosePort } from '../../src/temporal/ports';
import { fixture, isRunning, killProcess, startInstance, type TestInstance } from './instance';
import { until } from './until';

let instance: TestInstance;
const remotes: ChildProcess[] = [];

beforeAll(async () => {
  instance = await startInstance();
});

afterEach(() => {
  for (const remote of remotes.splice(0)) remote.kill('SIGKILL');
});

/** Starts a server that belongs to nobody here, and resolves when it listens. */
async function listen(
  name: string,
  port: number,
  env: Record<string, string> = {},
): Promise<ChildProcess> {
  const remote = spawn(process.execPath, [fixture(name)], {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  remotes.push(remote);
  await new Promise((resolve) => remote.stdout.once('data', resolve));
  return remote;
}

async function expectSum(name: string): Promise<void> {
  const outcome = await instance.client.callTool(name, 'add', { a: 2, b: 3 });
  expect(outcome).toMatchObject({ outcome: 'ok', result: { structuredContent: { sum: 5 } } });
}

async function statusOf(name: string) {
  return instance.client.servers.get(name);
}

/** It goes away and comes back on the same port: the server is down meanwhile, and then answers by itself. */
async function survivesDisconnect(
  name: string,
  entry: ServerEntry,
  start: () => Promise<ChildProcess>,
): Promise<void> {
  const first = await start();
  const added = await instance.client.servers.add(name, entry);
  expect(added).toMatchObject({ state: 'RUNNING', pid: null });
  await expectSum(name);

  await killProcess(Number(first.pid));
  // A connection without a stream of its own notices only when it is used.
  const lost = await instance.client.startCall(
    name,
    'add',
    { a: 1, b: 1 },
    { queueTimeoutMs: 60_000 },
  );
  await until('BACKOFF', async () => (await statusOf(name)).state === 'BACKOFF');
  const second = await start();
  await until('RUNNING', async () => (await statusOf(name)).state === 'RUNNING');
  expect(['ok', 'unknown']).toContain((await lost.result()).outcome);
  await expectSum(name);

  expect(await instance.client.servers.stop(name)).toMatchObject({ state: 'STOPPED' });
  expect(isRunning(Number(second.pid))).toBe(true);
  const refused = await instance.client.callTool(name, 'add', { a: 2, b: 3 });
  expect(refused).toMatchObject({ outcome: 'failed', error: { code: 'SERVER_NOT_RUNNING' } });
}

const patient = { restart: { maxRestarts: 10_000, maxDelay: '300ms' } };

it('keeps a server over stdio', async () => {
  const command = process.execPath;
  await instance.client.servers.add('stdio', { command, args: [fixture('tiny-server.js')] });
  await expectSum('stdio');
  const { pid } = await statusOf('stdio');
  await killProcess(Number(pid));
  await expectSum('stdio');
  await until('another child', async () => {
    const status = await statusOf('stdio');
    return status.state === 'RUNNING' && status.pid !== pid;
  });
  const { pid: second } = await statusOf('stdio');
  await instance.client.servers.stop('stdio');
  expect(isRunning(Number(second))).toBe(false);
});

it('keeps a server over Streamable HTTP with sessions', async () => {
  const port = await choosePort(0, '127.0.0.1');
  const url = `http://127.0.0.1:${port}/mcp`;
  await survivesDisconnect('http', { url, ...patient }, () => listen('http-server.js', port));
  expect(await statusOf('http')).toMatchObject({ type: 'http' });
});

it('keeps a server over Streamable HTTP of the modern era', async () => {
  const port = await choosePort(0, '127.0.0.1');
  const url = `http://127.0.0.1:${port}/mcp`;
  const start = () => listen('http-server.js', port, { ERA: 'modern' });
  await survivesDisconnect('modern', { url, ...patient }, start);
  expect((await statusOf('modern')).transitions.some(({ to }) => to === 'RUNNING')).toBe(true);
});

it('keeps a server over HTTP with SSE', async () => {
  const port = await choosePort(0, '127.0.0.1');
  const url = `http://127.0.0.1:${port}/sse`;
  await survivesDisconnect('sse', { url, ...patient }, () => listen('sse-server.js', port));
  expect(await statusOf('sse')).toMatchObject({ type: 'sse' });
});

it('keeps a server over a WebSocket', async () => {
  const port = await choosePort(0, '127.0.0.1');
  const url = `ws://127.0.0.1:${port}`;
  await survivesDisconnect('ws', { url, ...patient }, () => listen('ws-server.js', port));
  expect(await statusOf('ws')).toMatchObject({ type: 'websocket' });
});

it('waits for a server that comes up later, and its calls wait with it', async () => {
  const port = await choosePort(0, '127.0.0.1');
  const entry = { url: `http://127.0.0.1:${port}/mcp`, restart: { maxDelay: '300ms' } };
  await expect(instance.client.servers.add('late', entry)).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    fix: expect.stringContaining(
      'Mainspring keeps retrying until the server is reachable.',
    ) as string,
  });
  expect((await statusOf('late')).state).toBe('BACKOFF');
  const sum = expectSum('late');
  await listen('http-server.js', port);
  await sum;
  expect((await statusOf('late')).state).toBe('RUNNING');
});

it('owns a program that serves HTTP on its port', async () => {
  const port = await choosePort(0, '127.0.0.1');
  const added = await instance.client.servers.add('owned', {
    command: process.execPath,
    args: [fixture('http-server.js')],
    url: `http://127.0.0.1:${port}/mcp`,
    env: { PORT: String(port), LISTEN_AFTER: '300' },
    ...patient,
  });
  expect(added).toMatchObject({
    state: 'RUNNING',
    type: 'http',
    pid: expect.any(Number) as number,
  });
  await expectSum('owned');

  await killProcess(Number(added.pid));
  const next = await until('another process', async () => {
    const { state, pid } = await statusOf('owned');
    return state === 'RUNNING' && pid !== added.pid && Number(pid);
  });
  await expectSum('owned');
  await instance.client.servers.stop('owned');
  expect(isRunning(next)).toBe(false);
  await listen('http-server.js', port); // the port is free again
});
