import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as v1 from '@modelcontextprotocol/sdk/types.js';
import { Client as ClientV2, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type ToolDefinition } from '../../../src/domain/catalogue/tools';
import { takeItem, TOOLS } from '../../../src/mcp/lists/listed-items';
import { until } from '../http/front-harness';
import { useTemporaryFolder } from '../../temporary-folder';
import { type LegacyGateway, startGateway } from './legacy-harness';
import { type JsonObject } from '../../../src/base/json';

const home = useTemporaryFolder();
let gateway: LegacyGateway;
const clients: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  gateway = await startGateway(home());
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await gateway.close();
});

const INFO = { name: 'test', version: '1' };
const ALL = { elicitation: {}, sampling: {}, roots: { listChanged: true } };

async function connectV1(capabilities: object = ALL) {
  const client = new ClientV1(INFO, { capabilities });
  const transport = new HttpV1(gateway.url);
  await client.connect(transport);
  clients.push(client);
  return { client, transport };
}

async function connectV2() {
  const client = new ClientV2(INFO, { capabilities: ALL });
  await client.connect(new StreamableHTTPClientTransport(gateway.url));
  clients.push(client);
  return client;
}

const object = { type: 'object' };
const outputs = [
  ...[{ type: 'array' }, {}, true, { ...object, $ref: '#/nowhere' }, { ...object, $id: 'urn:a' }],
  ...[{ ...object, properties: { a: true, b: { pattern: '(' } } }, { properties: { a: object } }],
];
const inputs = [undefined, null, [], {}, { ...object, properties: { a: true, b: null } }];
const ODD_TOOLS = [
  ...inputs.map((inputSchema) => ({ inputSchema })),
  ...outputs.map((outputSchema) => ({ inputSchema: object, outputSchema })),
  { inputSchema: object, title: null, icons: {}, annotations: { readOnlyHint: 1 }, _meta: 5 },
  { inputSchema: object, execution: { taskSupport: 'perhaps' }, description: ['a'] },
].map((tool, index) => ({ name: `odd${index}`, ...tool }));

const isTool = (tool: JsonObject): tool is JsonObject & ToolDefinition => 'inputSchema' in tool;

const textOf = (result: unknown) => (result as { content: { text: string }[] }).content[0]?.text;

describe('a client of SDK v1', () => {
  it('is told who serves it and what that can do', async () => {
    const { client, transport } = await connectV1();
    expect(client.getServerVersion()).toMatchObject({ name: 'mainspring', version: '1.2.3' });
    expect(client.getServerCapabilities()).toMatchObject({
      ...{ tools: { listChanged: true }, prompts: { listChanged: true }, logging: {} },
      ...{ resources: { subscribe: true, listChanged: true }, completions: {} },
    });
    expect(client.getInstructions()).toBe('Be tiny.');
    expect(transport.protocolVersion).toBe('2025-11-25');
    await client.ping();
  });

  it('lists, calls, reads, gets and completes', async () => {
    const { client } = await connectV1();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('tiny__echo');
    expect(textOf(await client.callTool({ name: 'tiny__echo', arguments: { a: 1 } }))).toBe(
      '{"a":1}',
    );
    const { resources } = await client.listResources();
    expect(resources).toHaveLength(1);
    const uri = resources[0]?.uri ?? '';
    expect(await client.readResource({ uri })).toMatchObject({ contents: [{ text: 'one' }] });
    const { prompts } = await client.listPrompts();
    expect(prompts).toHaveLength(1);
    expect(await client.getPrompt({ name: prompts[0]?.name ?? '' })).toHaveProperty('messages');
    const ref = { type: 'ref/prompt', name: prompts[0]?.name ?? '' } as const;
    const completion = await client.complete({ ref, argument: { name: 'x', value: '' } });
    expect(completion.completion.values).toEqual(['a', 'b']);
  });

  it('takes a whole list with odd tools in it', async () => {
    const odd = ODD_TOOLS.map((tool, index) => takeItem(TOOLS, tool, index + 1).item ?? {});
    gateway.catalogues.tools = [...gateway.catalogues.tools, ...odd.filter(isTool)];
    const { client } = await connectV1();
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['tiny__odd0', 'tiny__echo']));
    expect(names).toHaveLength(gateway.catalogues.tools.length);
    const other = await connectV2();
    expect((await other.listTools()).tools).toHaveLength(names.length);
  });

  it('gets pages of long lists', async () => {
    gateway.catalogues.tools = Array.from({ length: 1_500 }, (_, index) => ({
      ...{ name: `tool${index}`, inputSchema: { type: 'object' } },
    }));
    const { client } = await connectV1();
    const first = await client.listTools();
    const second = await client.listTools({ cursor: first.nextCursor });
    expect(first.tools.length + second.tools.length).toBe(1_500);
    expect(second.nextCursor).toBeUndefined();
  });

  it('gets progress with its own token, in order, before the result', async () => {
    const { client } = await connectV1();
    const seen: number[] = [];
    const params = { name: 'tiny__progress', arguments: { steps: 3 } };
    const options = { onprogress: ({ progress }: { progress: number }) => seen.push(progress) };
    expect(textOf(await client.callTool(params, undefined, options))).toBe('done');
    expect(seen).toEqual([1, 2, 3]);
  });

  it('hears log messages from the level on that it has set', async () => {
    const { client } = await connectV1();
    const heard: unknown[] = [];
    client.setNotificationHandler(v1.LoggingMessageNotificationSchema, ({ params }) => {
      heard.push(params.level);
    });
    await client.setLoggingLevel('warning');
    for (const level of ['info', 'error']) {
      await client.callTool({ name: 'tiny__log', arguments: { level } });
    }
    expect(heard).toEqual(['error']);
    await expect(
      client.request(
        { method: 'logging/setLevel', params: { level: 'loud' } },
        v1.EmptyResultSchema,
      ),
    ).rejects.toMatchObject({ code: -32602 });
  });

  it('takes a call back by cancelling it', async () => {
    const { client } = await connectV1();
    const abort = new AbortController();
    const call = client.callTool({ name: 'tiny__wait', arguments: { ms: 60_000 } }, undefined, {
      signal: abort.signal,
    });
    call.catch(() => undefined);
    await until(() => gateway.operations.running === 1);
    abort.abort('no more');
    await expect(call).rejects.toThrow();
    await until(() => gateway.operations.cancelled.length === 1);
    await until(() => gateway.era.usage().exchanges === 0);
  });

  it.each([
    ['elicitation/create', { message: 'm', requestedSchema: { type: 'object', properties: {} } }],
    ['sampling/createMessage', { messages: [], maxTokens: 1 }],
    ['roots/list', {}],
  ])('answers %s in the middle of a call', async (method, params) => {
    const { client } = await connectV1();
    client.setRequestHandler(v1.ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
    client.setRequestHandler(v1.ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///r' }] }));
    client.setRequestHandler(v1.CreateMessageRequestSchema, () => ({
      ...{ model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text: 'x' } },
    }));
    const answer = textOf(
      await client.callTool({ name: 'tiny__ask', arguments: { method, params } }),
    );
    expect(JSON.parse(answer ?? '')).toHaveProperty('result');
    expect(answer).toMatch(/accept|file:\/\/\/r|"model":"m"/);
    expect(gateway.era.usage().asks).toBe(0);
  });

  it.each([
    ['elicitation/create', '{"result":{"action":"decline"}}'],
    ['roots/list', '{"result":{"roots":[]}}'],
    ['sampling/createMessage', '"code":-1'],
  ])('is not asked %s when it cannot answer', async (method, answer) => {
    const { client } = await connectV1({});
    const params = { name: 'tiny__ask', arguments: { method } };
    expect(textOf(await client.callTool(params))).toContain(answer);
  });

  it('passes errors and unknown things on as they are', async () => {
    const { client } = await connectV1();
    await expect(client.callTool({ name: 'tiny__fail' })).rejects.toMatchObject({
      ...{ code: -32099, data: { why: 'it had to' } },
    });
    await expect(client.callTool({ name: 'nobody' })).rejects.toMatchObject({ code: -32602 });
    await expect(client.request({ method: 'no/such' }, v1.EmptyResultSchema)).rejects.toMatchObject(
      { code: -32601 },
    );
  });

  it('hears of changed lists, and only when they have changed', async () => {
    const { client } = await connectV1();
    const heard: string[] = [];
    client.setNotificationHandler(
      v1.ToolListChangedNotificationSchema,
      () => void heard.push('tools'),
    );
    client.setNotificationHandler(
      v1.PromptListChangedNotificationSchema,
      () => void heard.push('prompts'),
    );
    await until(() => gateway.era.usage().channels === 1);
    gateway.catalogues.changed('tools', 'prompts');
    gateway.catalogues.prompts = [];
    gateway.catalogues.changed('tools', 'prompts');
    await until(() => heard.length > 0);
    gateway.catalogues.tools = [];
    gateway.catalogues.changed('tools');
    await until(() => heard.length > 1);
    expect(heard).toEqual(['prompts', 'tools']);
  });

  it('hears of resources that it has subscribed to, under their names', async () => {
    const { client } = await connectV1();
    const heard: string[] = [];
    client.setNotificationHandler(v1.ResourceUpdatedNotificationSchema, ({ params }) => {
      heard.push(params.uri);
    });
    const { resources } = await client.listResources();
    const uri = resources[0]?.uri ?? '';
    await client.subscribeResource({ uri });
    await until(() => gateway.sockets.interest.tiny?.resources[0] === 'test://one');
    const updated = (original: string) =>
      gateway.sockets.say({
        ...{ type: 'notification', server: 'tiny', method: 'notifications/resources/updated' },
        params: { uri: original },
      });
    updated('test://other');
    updated('test://one');
    await until(() => heard.length > 0);
    expect(heard).toEqual([uri]);
    await client.unsubscribeResource({ uri });
    await until(() => gateway.sockets.interest.tiny === undefined);
  });

  it('ends its session, which is unknown from then on', async () => {
    const { client, transport } = await connectV1();
    const { sessionId } = transport;
    await transport.terminateSession();
    expect(await gateway.store.gatewaySessions.count()).toBe(0);
    expect(sessionId).toBeDefined();
    await expect(client.listTools()).rejects.toThrow();
  });
});

describe('a client of SDK v2', () => {
  it('does the same', async () => {
    const client = await connectV2();
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
    expect((await client.listTools()).tools.length).toBeGreaterThan(3);
    expect(textOf(await client.callTool({ name: 'tiny__echo', arguments: {} }))).toBe('{}');
    const params = {
      method: 'elicitation/create',
      params: { message: 'm', requestedSchema: { type: 'object', properties: {} } },
    };
    expect(textOf(await client.callTool({ name: 'tiny__ask', arguments: params }))).toContain(
      'accept',
    );
    const seen: number[] = [];
    await client.callTool(
      { name: 'tiny__progress', arguments: { steps: 2 } },
      { onprogress: ({ progress }) => seen.push(progress) },
    );
    expect(seen).toEqual([1, 2]);
    await client.setLoggingLevel('error');
    await client.ping();
  });
});
