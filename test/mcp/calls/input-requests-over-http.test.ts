import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type InputResponse } from '../../../src/domain/calls/input-requests';
import { type CallClient } from '../../../src/mcp/calls/open-call';
import { createTestHost, fixture, type TestHost, urlSpec } from '../harness';
import { type JsonObject } from '../../../src/base/json';

const timeoutMs = 10_000;

let host: TestHost;
beforeEach(() => (host = createTestHost()));
afterEach(() => host.close());

async function startServer(env: Record<string, string>) {
  const child = spawn(process.execPath, [fixture('conformance-server.js')], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const stop = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^listening (\d+)$/.exec(line)?.[1];
    if (port) return { url: `http://127.0.0.1:${port}/mcp`, stop };
  }
  throw new Error('the server did not start');
}

describe.each(['legacy', 'modern'] as const)('a %s server on Streamable HTTP', (era) => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => (server = await startServer({ ERA: era })));
  afterAll(() => server.stop());
  const open = () => host.open(urlSpec('http', server.url, { protocol: era }));

  test('asks the client of each call, however many are in flight', async () => {
    const connection = await open();
    const names = ['ada', 'bob', 'cyd'];
    let isEverybodyAsked: () => void = () => undefined;
    const everybody = new Promise<void>((resolve) => (isEverybodyAsked = resolve));
    let asked = 0;
    const clientOf = (username: string): CallClient => ({
      ...{ id: username, capabilities: { elicitation: {} } },
      async requestInput(): Promise<InputResponse> {
        if (++asked === names.length) isEverybodyAsked();
        await everybody;
        return { result: { action: 'accept', content: { username, email: `${username}@x` } } };
      },
    });
    const calls = names.map((name) => {
      const options = { timeoutMs, client: clientOf(name) };
      return connection.callTool('test_elicitation', { message: 'Who?' }, options);
    });
    const results = (await Promise.all(calls)).map((result) => JSON.stringify(result));
    names.forEach((name, index) => expect(results[index]).toContain(name));
  });

  test('logs and reports to the call that it is about', async () => {
    const connection = await open();
    connection.setInterest({ resources: [], logLevel: 'debug' });
    const heard: Record<string, [string, JsonObject][]> = { a: [], b: [] };
    const call = (name: string) =>
      connection.callTool(
        'test_tool_with_logging',
        {},
        { timeoutMs, onNotification: (...said) => void heard[name]?.push(said) },
      );
    await Promise.all([call('a'), call('b')]);
    for (const name of ['a', 'b']) {
      expect(heard[name]?.map(([method]) => method)).toEqual(
        expect.arrayContaining(['notifications/message']),
      );
      expect(heard[name]).toHaveLength(3);
    }
  });

  test('lists what it offers', async () => {
    const connection = await open();
    const { resources = [], templates, prompts = [] } = await connection.listResourcesAndPrompts();
    expect(resources.map(({ uri }) => uri)).toContain('test://static-text');
    expect(templates).toHaveLength(1);
    expect(prompts.map(({ name }) => name)).toContain('test_simple_prompt');
  });
});

test('a modern server that was restarted is listened to again, and may have changed', async () => {
  const env = { ERA: 'modern' };
  const first = await startServer(env);
  const connection = await host.open(urlSpec('http', first.url, { protocol: 'modern' }));
  const changed = new Promise<void>((resolve) => connection.onToolsChanged(resolve));
  await first.stop();
  const second = await startServer({ ...env, PORT: new URL(first.url).port });
  try {
    await changed;
    expect((await connection.listTools()).tools.length).toBeGreaterThan(0);
  } finally {
    await second.stop();
  }
});
