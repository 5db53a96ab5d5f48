import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { useTemporaryFolder } from '../../temporary-folder';
import { eventsOf, nextId, nextMessage, RawClient } from './raw-client';

const home = useTemporaryFolder();
let child: ChildProcess;
let url: URL;

/** Starts a gateway in a process of its own, on the port of the one before. */
async function start(port = url ? Number(url.port) : 0): Promise<void> {
  child = spawn(
    process.execPath,
    [path.join(__dirname, 'gateway-child.js'), home(), String(port)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  url = new URL(`http://127.0.0.1:${Number(String(line))}/mcp`);
}

async function kill(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

beforeEach(() => start(0));
afterEach(kill);

it('a session, its log level and its calls go on in the next process after kill -9', async () => {
  const client = await RawClient.open(url);
  await client.post(client.request('logging/setLevel', { level: 'error' }));
  const from = await nextId(await client.post(client.call('wait', { ms: 2_000 })));
  await kill();
  await start();
  expect((await client.post(client.request('tools/list'))).status).toBe(200);
  const resumed = await nextMessage(eventsOf(await client.get(from)));
  expect(resumed.message).toMatchObject({ id: 2, result: { content: [{ text: 'waited' }] } });
  const quiet = await client.post(client.call('log', { level: 'info' }));
  expect(await quiet.json()).toHaveProperty('result');
  client.vanish();
});

it('a client of the SDK gets its result over a kill -9, without a word', async () => {
  const client = new Client({ name: 'test', version: '1' }, { capabilities: {} });
  const transport = new StreamableHTTPClientTransport(url, {
    reconnectionOptions: {
      ...{ initialReconnectionDelay: 500, maxReconnectionDelay: 500 },
      ...{ reconnectionDelayGrowFactor: 1, maxRetries: 10 },
    },
  });
  await client.connect(transport);
  const call = client.callTool({ name: 'tiny__wait', arguments: { ms: 1_500 } });
  await new Promise((resolve) => setTimeout(resolve, 700));
  await kill();
  await start();
  expect(await call).toMatchObject({ content: [{ text: 'waited' }] });
  await client.close();
});

it('an answer counts in the next process, though another one has asked', async () => {
  const client = await RawClient.open(url, { capabilities: { elicitation: {} } });
  const args = { method: ElicitRequestSchema.shape.method.value, params: { message: 'm' } };
  const asked = await nextMessage(eventsOf(await client.post(client.call('ask', args))));
  await kill();
  await start();
  const answer = { jsonrpc: '2.0', id: asked.message?.id, result: { action: 'cancel' } };
  expect((await client.post(answer)).status).toBe(202);
  const events = eventsOf(await client.get(asked.id));
  expect(JSON.stringify((await nextMessage(events)).message)).toContain('cancel');
  client.vanish();
});
