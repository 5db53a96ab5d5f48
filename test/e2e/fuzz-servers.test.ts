import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { readInstance } from '../../src/offline/instance';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { findSocket } from '../../src/process/unix-socket';
import {
  FRAMES,
  FRAMES_LIMIT_MS,
  randomFrame,
  SEED,
  seededRandom,
} from '../fixtures/random-frames';
import { type Remote, startRemote, stopRemote } from '../mcp/remote';
import { heapBytes, heapReports } from './heap';
import { fixture, type Pids, startInstance, type TestInstance } from './instance';
import { connectV1, type TestClient } from './mcp-clients';
import { until } from './until';

const FRAMES_PER_CALL = 20;
/** What caches and compiled code may add to the heap. */
const HEAP_ALLOWANCE_BYTES = 40 * 1024 * 1024;
/** While a large message is passed over. */
const MAX_GROWTH_MB = 80;

const TRANSPORTS = {
  stdio: { TRANSPORT: 'stdio' },
  http: { TRANSPORT: 'http' },
  sse: { TRANSPORT: 'sse' },
  websocket: { TRANSPORT: 'websocket' },
};

let instance: TestInstance;
let listener: TestClient;
let heapFolder: string;
const remotes: Remote[] = [];

beforeAll(async () => {
  const noisy: Record<string, ServerEntry> = {
    stdio: { command: process.execPath, args: [fixture('noisy-server.js')] },
  };
  // Their calls fail as they come; what the circuit and the quarantine make of that is not the question here.
  const own = {
    limits: { messageBytes: 1_000_000 },
    breaker: { failures: 0 },
    quarantine: { errors: 0 },
  };
  for (const type of ['http', 'sse', 'websocket'] as const) {
    const remote = await startRemote('noisy-server.js', TRANSPORTS[type]);
    remotes.push(remote);
    const at = `127.0.0.1:${remote.port}`;
    const url = { http: `http://${at}/mcp`, sse: `http://${at}/sse`, websocket: `ws://${at}/` }[
      type
    ];
    noisy[type] = { type, url, protocol: 'legacy' };
  }
  const config = Object.fromEntries(
    Object.entries(noisy).map(([name, entry]) => [name, { ...entry, ...own }]),
  );
  const calm = { command: process.execPath, args: [fixture('tiny-server.js')] };
  heapFolder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-test-'));
  const env = heapReports(heapFolder);
  instance = await startInstance({ config: { ...config, calm }, gateway: true, env });
  // Somebody who hears what servers say of their own accord, so that it goes all the way.
  const { apiUrl } = (await readInstance(instance.home)) ?? {};
  const transport = new StreamableHTTPClientTransport(new URL(`${apiUrl}/mcp`));
  listener = await connectV1(transport);
});

afterAll(async () => {
  await listener.client.close();
  await Promise.all(remotes.map(stopRemote));
  rmSync(heapFolder, { recursive: true, force: true });
});

it(
  `takes ${FRAMES} hostile frames from a server of each transport: nothing ends, others are answered`,
  async () => {
    const pids = await instance.pids();
    const before = await heapOf(pids);
    const isOver = new AbortController();
    const others = answersOf('calm', isOver.signal);
    await Promise.all(Object.keys(TRANSPORTS).map((server, at) => sendFrames(server, SEED + at)));
    isOver.abort();
    expect(await others).toEqual(['ok']);
    expect(await instance.pids()).toEqual(pids);
    for (const server of Object.keys(TRANSPORTS)) {
      const ended = await instance.client.callTool(server, 'echo', { text: 'on' });
      expect(`${server}: ${ended.outcome} ${ended.error?.message ?? ''}`).toBe(`${server}: ok `);
    }
    const events = await instance.client.events.list({ server: 'stdio' });
    expect(events.filter(({ to }) => to === 'BACKOFF').map(({ reason }) => reason)).toEqual([]);
    await until('the heap to shrink', async () => {
      return (await heapOf(pids)) < before + HEAP_ALLOWANCE_BYTES;
    });
  },
  FRAMES_LIMIT_MS,
);

it('passes over a message of 200 MB in little memory, and loses only its call', async () => {
  const { hosts } = await instance.pids();
  const before = memoryOf(hosts);
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, memoryOf(hosts))), 20);
  const big = instance.client.callTool('stdio', 'big', { bytes: 200_000_000 });
  const other = instance.client.callTool('stdio', 'wait', { ms: 1_000 });
  const ends = await Promise.all([big, other]);
  clearInterval(watch);
  expect(ends).toMatchObject([
    { outcome: 'unknown', error: { code: 'RESULT_TOO_LARGE' } },
    { outcome: 'ok' },
  ]);
  expect(peak - before).toBeLessThan(MAX_GROWTH_MB);
});

it(
  `takes ${FRAMES} hostile frames on the socket of a host: nothing ends, others are answered`,
  async () => {
    const pids = await instance.pids();
    const [hostId = ''] = Object.keys(pids.hosts);
    const isOver = new AbortController();
    const others = answersOf('calm', isOver.signal);
    const random = seededRandom(SEED);
    for (let sent = 0; sent < FRAMES; sent += 1) {
      await throwAtSocket(findSocket(instance.home, hostId) ?? '', sent, randomFrame(random));
    }
    isOver.abort();
    expect(await others).toEqual(['ok']);
    expect(await instance.pids()).toEqual(pids);
  },
  FRAMES_LIMIT_MS,
);

async function throwAtSocket(path: string, id: number, frame: string): Promise<void> {
  const socket = createConnection(path);
  socket.on('error', () => undefined); // the host may close it while it is written to
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const type = ['call', 'cancel', 'hello', 'interest'][id % 4];
  socket.end(`{"type":"${type}","id":1,"input":${frame},"servers":${frame}}\n${frame}\n`);
  socket.resume();
  await closed;
}

/** Makes a server send so many frames, a few with each call; what becomes of those calls is its own affair. */
async function sendFrames(server: string, seed: number): Promise<void> {
  const random = seededRandom(seed);
  for (let sent = 0; sent < FRAMES; sent += FRAMES_PER_CALL) {
    const frames = Array.from({ length: FRAMES_PER_CALL }, () => randomFrame(random));
    await instance.client.callTool(server, 'say', { frames }, { timeoutMs: 5_000 });
  }
}

/** The outcomes of calls, one after the other, each once. */
async function answersOf(server: string, signal: AbortSignal): Promise<string[]> {
  const outcomes = new Set<string>();
  while (!signal.aborted) {
    outcomes.add((await instance.client.callTool(server, 'echo', { text: 'on' })).outcome);
  }
  return [...outcomes];
}

function heapOf({ hosts }: Pids): Promise<number> {
  return heapBytes(heapFolder, Object.values(hosts)[0]);
}

function memoryOf(hosts: Record<string, number>): number {
  const [host = 0] = Object.values(hosts);
  const status = readFileSync(`/proc/${host}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
