import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { SSEClientTransport as SseV1 } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport as WebSocketV1 } from '@modelcontextprotocol/sdk/client/websocket.js';
import {
  SSEClientTransport as SseV2,
  StreamableHTTPClientTransport as HttpV2,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { WebSocket } from 'ws';
import { newerNode, npmTools, pythonTools } from '../../benchmarks/tools';
import { readInstance } from '../../src/offline/instance';
import { fixture, REPOSITORY, startInstance, type TestInstance } from './instance';
import { connectV1, connectV2, type TestClient } from './mcp-clients';

const run = promisify(execFile);
const COMMAND = path.join(REPOSITORY, 'bin/mainspring.js');
const SUM = String.raw`"text":"5"`;

let instance: TestInstance;
let apiUrl: string;

beforeAll(async () => {
  const tiny = { command: process.execPath, args: [fixture('tiny-server.js')] };
  instance = await startInstance({ config: { tiny }, gateway: true });
  apiUrl = (await readInstance(instance.home))?.apiUrl ?? '';
  // Node 20 has none, and the SDK's transport wants that of browsers.
  Object.assign(globalThis, { WebSocket });
});

const at = (place: string) => new URL(`${apiUrl}${place}`);
const socketAt = (place: string) => new URL(`${apiUrl.replace('http', 'ws')}${place}`);
const command = () => ({
  command: process.execPath,
  args: [COMMAND, 'stdio'],
  env: { ...variables(), MAINSPRING_HOME: instance.home },
  stderr: 'ignore' as const,
});

function variables(): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(set);
}

const CLIENTS: Record<string, () => Promise<TestClient>> = {
  'SDK v1 over Streamable HTTP': () => connectV1(new HttpV1(at('/mcp'))),
  'SDK v1 over HTTP+SSE': () => connectV1(new SseV1(at('/sse'))),
  'SDK v1 over a WebSocket': () => connectV1(new WebSocketV1(socketAt('/mcp/ws'))),
  'SDK v1 over stdio': () => connectV1(new StdioV1(command())),
  'SDK v2 over Streamable HTTP': () => connectV2(new HttpV2(at('/mcp'))),
  'SDK v2 over Streamable HTTP, modern': () => connectV2(new HttpV2(at('/mcp')), 'modern'),
  'SDK v2 over HTTP+SSE': () => connectV2(new SseV2(at('/mcp/sse'))),
  'SDK v2 over stdio': () => connectV2(new StdioV2(command())),
  'SDK v2 over stdio, modern': () => connectV2(new StdioV2(command()), 'modern'),
};

test.each(Object.keys(CLIENTS))('the client of %s lists and calls', async (name) => {
  const connected = await CLIENTS[name]?.();
  if (!connected) throw new Error('no such client');
  const { client } = connected;
  try {
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toContain('tiny__add');
    expect(await connected.call('tiny__add', { a: 2, b: 3 })).toContain(SUM);
    // What no schema of the SDK knows comes through as well, as far as its client lets it.
    expect(await connected.call('tiny__echo', { text: 'again' })).toContain('again');
  } finally {
    await client.close();
  }
});

describe('the Inspector', () => {
  const inspect = async (...args: string[]) => {
    const [node, modules] = await Promise.all([newerNode(), npmTools('inspector')]);
    const folder = path.join(modules, '@modelcontextprotocol/inspector');
    const launcher = path.join(folder, 'clients/launcher/build/index.js');
    const { stdout } = await run(node, [launcher, '--cli', `${apiUrl}/mcp`, ...args], {
      cwd: instance.folder,
      env: { ...process.env, HOME: instance.folder },
    });
    return stdout;
  };

  it('lists and calls on its command line', async () => {
    expect(await inspect('--method', 'tools/list')).toContain('"tiny__add"');
    const args = ['--tool-name', 'tiny__add', '--tool-arg', 'a=2', 'b=3'];
    expect(await inspect('--method', 'tools/call', ...args)).toMatch(/"text": ?"5"/);
  });
});

describe('the Python SDK', () => {
  const client = path.join(REPOSITORY, 'test/tools/python-client/client.py');

  const pythonCall = async (...args: string[]) => {
    const python = await pythonTools('python-client');
    const { stdout } = await run(python, [client, ...args], {
      env: { ...process.env, MAINSPRING_HOME: instance.home },
    });
    return JSON.parse(stdout) as { tools: string[]; text: string };
  };
  const expected = {
    tools: expect.arrayContaining(['tiny__add', 'tiny__echo']) as string[],
    text: '5',
  };

  it('lists and calls over HTTP as a client of the older era', async () => {
    expect(await pythonCall(`${apiUrl}/mcp`, 'legacy')).toMatchObject(expected);
  });

  it('lists and calls over HTTP as a client of 2026-07-28', async () => {
    expect(await pythonCall(`${apiUrl}/mcp`, '2026-07-28')).toMatchObject(expected);
  });

  it('lists and calls over stdio', async () => {
    const started = ['stdio', process.execPath, COMMAND, 'stdio'];
    expect(await pythonCall(...started)).toMatchObject(expected);
  });
});
