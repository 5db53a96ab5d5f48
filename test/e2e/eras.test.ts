import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { readInstance } from '../../src/offline/instance';
import { fixture, startInstance, type TestInstance } from './instance';
import { executions } from './ledger';
import { connectV1, connectV2, type TestClient } from './mcp-clients';
import { until } from './until';

/** The same server, of either era; it gives its lists in pages of two. */
const server = (ERA: string) => ({
  command: process.execPath,
  args: [fixture('conformance-server.js')],
  env: { STDIO: '1', PAGE_SIZE: '2', ERA, LEDGER: ledger },
});
const folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-eras-'));
/** What slow tools have to say of themselves. */
const ledger = path.join(folder, 'ledger');
const SERVERS = ['legacy', 'modern'] as const;
const LONG_S = 60;

/** Clients by SDK and era, each before a server of either era. */
const CLIENTS = {
  'SDK v1, legacy': (url: URL) => connectV1(new HttpV1(url)),
  'SDK v2, legacy': (url: URL) => connectV2(new HttpV2(url)),
  'SDK v2, modern': (url: URL) => connectV2(new HttpV2(url), 'modern'),
};
type ClientName = keyof typeof CLIENTS;

interface Called {
  content: unknown[];
}

let instance: TestInstance;
let apiUrl: string;
const connected = new Map<string, TestClient>();

beforeAll(async () => {
  instance = await startInstance({
    gateway: true,
    config: { legacy: server('legacy'), modern: server('modern') },
  });
  apiUrl = (await readInstance(instance.home))?.apiUrl ?? '';
  for (const [name, connect] of Object.entries(CLIENTS)) {
    for (const of of SERVERS) {
      connected.set(`${name} ${of}`, await connect(new URL(`${apiUrl}/mcp/s/${of}`)));
    }
  }
});

afterAll(async () => {
  await Promise.all([...connected.values()].map(({ client }) => client.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** Clients of before 2026-07-28 are told without asking; the others over a stream that they open for it. */
async function hears(
  test: TestClient,
  method: string,
  filter: object,
  change: () => Promise<unknown>,
): Promise<void> {
  const stream = test.era === 'modern' ? await test.client.listen(filter) : undefined;
  const before = test.heard.length;
  const isThere = () => test.heard.slice(before).find((heard) => heard.method === method);
  try {
    await change();
    await until(`${method} at the client`, isThere);
  } finally {
    await stream?.close();
  }
}

/** What a client can do of any server. */
const FEATURES: Record<string, (test: TestClient, server: string) => Promise<void>> = {
  async 'tools, of all pages of the server'({ client }) {
    const names = (await client.listTools()).tools.map(({ name }) => name);
    for (const name of ['test_simple_text', 'multi_input', 'test_touch_resource']) {
      expect(names).toContain(name);
    }
  },

  async 'calls, of all kinds of content'(test) {
    expect(await test.call('test_simple_text')).toContain('simple text response');
    const { content } = JSON.parse(await test.call('test_multiple_content_types')) as Called;
    expect(content).toMatchObject([{ type: 'text' }, { type: 'image' }, { type: 'resource' }]);
    expect(JSON.parse(await test.call('test_error_handling'))).toMatchObject({ isError: true });
    await expect(test.call('no_such_tool')).rejects.toMatchObject({ code: -32602 });
  },

  async resources({ client }) {
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    expect(uris).toEqual(
      expect.arrayContaining([
        'test://static-text',
        'test://static-binary',
        'test://example-resource',
      ]),
    );
    const { contents } = await client.readResource({ uri: 'test://static-binary' });
    expect(contents).toMatchObject([{ mimeType: 'image/png', blob: expect.any(String) as string }]);
    await expect(client.readResource({ uri: 'test://nowhere' })).rejects.toMatchObject({
      code: -32602, // the server's own
    });
  },

  async 'resource templates'({ client }) {
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates).toMatchObject([{ uriTemplate: 'test://template/{id}/data' }]);
    const { contents } = await client.readResource({ uri: 'test://template/7/data' });
    expect(JSON.stringify(contents)).toContain('Data for ID: 7');
  },

  async 'subscriptions to resources'(test) {
    const uri = 'test://watched-resource';
    if (test.era === 'legacy') await test.client.subscribeResource({ uri });
    await hears(
      test,
      'notifications/resources/updated',
      { resourceSubscriptions: [uri] },
      // The server has to be told first, which nobody waits for.
      () =>
        until('the subscription at the server', async () => {
          const before = test.heard.length;
          await test.call('test_touch_resource');
          return test.heard.slice(before).length > 0;
        }),
    );
    if (test.era === 'legacy') await test.client.unsubscribeResource({ uri });
  },

  async prompts({ client }) {
    const names = (await client.listPrompts()).prompts.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['test_simple_prompt', 'test_prompt_with_arguments']),
    );
    const { messages } = await client.getPrompt({
      name: 'test_prompt_with_arguments',
      arguments: { arg1: 'one', arg2: 'two' },
    });
    expect(JSON.stringify(messages)).toContain("arg1='one', arg2='two'");
  },

  async completion({ client }) {
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
      argument: { name: 'arg1', value: 'par' },
    });
    expect(completion.values).toEqual(['paris', 'park', 'party']);
  },

  async logging(test) {
    const { client, heard, era } = test;
    const before = heard.length;
    if (era === 'legacy') {
      await client.setLoggingLevel('debug');
      // The server has to be told too, which nobody waits for.
      await until('three messages', async () => {
        const from = heard.length;
        await test.call('test_tool_with_logging');
        return logged(heard.slice(from)).length === 3;
      });
      return;
    }
    const _meta = { 'io.modelcontextprotocol/logLevel': 'debug' };
    await test.call('test_tool_with_logging', {}, { _meta });
    await until('three messages', () => logged(heard.slice(before)).length === 3);
    await test.call('test_tool_with_logging');
    expect(logged(heard.slice(before))).toHaveLength(3);
  },

  async progress(test) {
    const steps: number[] = [];
    await test.call(
      'test_tool_with_progress',
      {},
      {
        onprogress: ({ progress }) => void steps.push(progress),
      },
    );
    expect(steps).toEqual([0, 50, 100]);
  },

  async 'cancellation, which reaches the server'(test, server) {
    const startedAtMs = Date.now();
    const cancel = new AbortController();
    const label = randomUUID();
    const args = { seconds: LONG_S, label };
    const called = test.call('slow_compute', args, { signal: cancel.signal });
    called.catch(() => undefined);
    await until('the start', () => executions(ledger).includes(`started ${label}`));
    cancel.abort();
    await expect(called).rejects.toThrow();
    await until('the end', () => executions(ledger).includes(`cancelled ${label}`));
    // A server on stdio could still ask something for it: until it is over, nobody can tell whom it asks.
    await until('its record', async () => {
      const [newest] = (await instance.client.calls.list({ server, limit: 5 })).filter(
        ({ tool, submittedAtMs }) => tool === 'slow_compute' && submittedAtMs >= startedAtMs,
      );
      return newest && newest.status !== 'running' && newest.status !== 'queued';
    });
  },

  async 'changes of lists'(test) {
    const change = (name: string) => () => test.call(name);
    const tools = 'notifications/tools/list_changed';
    await hears(test, tools, { toolsListChanged: true }, change('test_trigger_tool_change'));
    const prompts = 'notifications/prompts/list_changed';
    await hears(test, prompts, { promptsListChanged: true }, change('test_trigger_prompt_change'));
    const resources = 'notifications/resources/list_changed';
    await hears(
      test,
      resources,
      { resourcesListChanged: true },
      change('test_trigger_resource_change'),
    );
  },

  async elicitation(test) {
    expect(await test.call('test_elicitation', { message: 'Who?' })).toContain(
      String.raw`action=accept, content={\"username\":\"ada\",\"email\":\"a@b.c\"}`,
    );
  },

  async sampling(test) {
    expect(await test.call('test_sampling', { prompt: 'What?' })).toContain('forty-two');
  },

  async roots(test) {
    expect(await test.call('test_input_required_result_list_roots')).toContain('file:///work');
  },

  async 'three questions at once'(test) {
    const text = await test.call('test_input_required_result_multiple_inputs');
    for (const part of ['ada', 'forty-two', 'file:///work']) expect(text).toContain(part);
  },
};

const logged = (heard: TestClient['heard']) =>
  heard.filter(({ method }) => method === 'notifications/message');

describe.each(Object.keys(CLIENTS) as ClientName[])('a client of %s', (name) => {
  describe.each(SERVERS)('before a %s server', (of) => {
    test.each(Object.keys(FEATURES))('has %s', async (feature) => {
      const client = connected.get(`${name} ${of}`);
      if (!client) throw new Error('not connected');
      await FEATURES[feature]?.(client, of);
    });
  });
});
