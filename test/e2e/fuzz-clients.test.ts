import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { readInstance } from '../../src/offline/instance';
import {
  FRAMES,
  FRAMES_LIMIT_MS,
  randomFrame,
  SEED,
  seededRandom,
} from '../fixtures/random-frames';
import { heapBytes, heapReports } from './heap';
import {
  type HostileClient,
  hostilePoster,
  hostileSocket,
  hostileSse,
  hostileStdio,
} from './hostile-clients';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

/** Frames that are on their way at the same time. */
const LANES = 8;
const PAUSE_MS = 50;
/** What caches and compiled code may add. */
const HEAP_ALLOWANCE_BYTES = 40 * 1024 * 1024;

const folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-test-'));
const [good, bad] = ['of a good client, long enough', 'of a bad client, long enough'];
let instance: TestInstance;
let url: string;

beforeAll(async () => {
  const tiny = { command: 'node', args: [fixture('tiny-server.js')] };
  const gateway = { keys: { good: '${GOOD_KEY}', bad: '${BAD_KEY}' } };
  const config = path.join(folder, 'mainspring.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { tiny }, gateway }));
  instance = await startInstance({
    ...{ config, gateway: true },
    env: { GOOD_KEY: good, BAD_KEY: bad, ...heapReports(folder) },
  });
  url = await until('the gateway', async () => (await readInstance(instance.home))?.apiUrl);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const transports: [name: string, open: () => Promise<HostileClient>][] = [
  ['Streamable HTTP with sessions', () => hostilePoster(`${url}/mcp`, bad, 'legacy', oddHeaders)],
  ['Streamable HTTP without', () => hostilePoster(`${url}/mcp`, bad, 'modern', modernHeaders)],
  ['HTTP+SSE', () => hostileSse(url, bad)],
  ['WebSocket', () => hostileSocket(url, bad)],
];

describe.each(transports)('%s', (name, open) => {
  it(
    `takes ${FRAMES} hostile frames: nothing ends, others are answered, memory comes back`,
    async () => {
      const { api } = await instance.pids();
      const before = await heapBytes(folder, api);
      const hostile = await open();
      const seed = SEED + transports.findIndex(([other]) => other === name);
      expect(await unansweredDuring(() => throwFrames(hostile, seed))).toBe(0);
      await hostile.close();
      expect((await instance.pids()).api).toBe(api);
      await until('the heap to shrink', async () => {
        return (await heapBytes(folder, api)) < before + HEAP_ALLOWANCE_BYTES;
      });
    },
    FRAMES_LIMIT_MS,
  );
});

it(
  `mainspring stdio takes ${FRAMES} hostile lines, and then answers`,
  async () => {
    const { api } = await instance.pids();
    const hostile = await hostileStdio(instance.home);
    const seed = SEED + transports.length;
    expect(await unansweredDuring(() => throwFrames(hostile, seed))).toBe(0);
    expect([hostile.child.exitCode, hostile.said()]).toEqual([null, '']);
    await hostile.close();
    expect([hostile.child.exitCode, (await instance.pids()).api]).toEqual([0, api]);
  },
  FRAMES_LIMIT_MS,
);

async function throwFrames(to: HostileClient, seed: number): Promise<void> {
  const random = seededRandom(seed);
  let left = FRAMES;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await to.send(randomFrame(random));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await to.isAnswered();
}

/** How many calls of another client, which calls all the while over a session of its own, got no result. */
async function unansweredDuring(work: () => Promise<void>): Promise<number> {
  const client = new Client({ name: 'good', version: '1' });
  const requestInit = { headers: { 'X-API-Key': good } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  let isOver = false;
  let unanswered = 0;
  const calling = (async () => {
    while (!isOver) {
      const answer = client.callTool({ name: 'tiny__echo', arguments: { text: 'there?' } });
      await answer.catch(() => (unanswered += 1));
      await sleep(PAUSE_MS);
    }
  })();
  await work().finally(() => (isOver = true));
  await calling;
  await client.close();
  return unanswered;
}

/** What headers may carry: visible characters, and those above ASCII as Latin-1. */
function oddHeaders(frame: string): Record<string, string> {
  const odd = frame.slice(0, 100).replace(/[^\x20-\x7e\xa0-\xff]/g, '');
  switch (frame.length % 12) {
    case 0:
      return { 'Mcp-Session-Id': odd };
    case 1:
      return { 'Last-Event-ID': odd };
    case 2:
      return { 'MCP-Protocol-Version': odd };
    default:
      return {};
  }
}

/** What the frame says, so that it is looked at further. */
function modernHeaders(frame: string): Record<string, string> {
  const [, method] = /"method":"([\w/]+)"/.exec(frame) ?? [];
  const [, name] = /"name":"([\w:/]+)"/.exec(frame) ?? [];
  return {
    ...(method !== undefined && { 'Mcp-Method': method }),
    ...(name !== undefined && { 'Mcp-Name': name }),
    ...(method === undefined && oddHeaders(frame)),
  };
}
