import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { useTemporaryFolder } from '../../temporary-folder';
import { until } from '../http/front-harness';
import { type ModernGateway, post, send, startModern, TASKS } from './modern-harness';
import { type JsonObject } from '../../../src/base/json';
import { type RpcMessage } from '../../../src/base/jsonrpc';

const home = useTemporaryFolder();
let gateway: ModernGateway;
let url: URL;

beforeEach(async () => {
  gateway = await startModern(home());
  url = gateway.url;
});

afterEach(() => gateway.close());

const CAN_ASK = { elicitation: { form: {} } };
const accepted = { action: 'accept', content: { name: 'Ada' } };
const askFor = (message: string) => ({
  name: 'ask',
  arguments: {
    method: 'elicitation/create',
    params: { message, requestedSchema: { type: 'object', properties: {} } },
  },
});

describe('a request of 2026-07-28', () => {
  it.each([
    ['without _meta', { _meta: undefined }, {}, 400, -32602],
    [
      'without capabilities',
      { 'io.modelcontextprotocol/clientCapabilities': undefined },
      {},
      400,
      -32602,
    ],
    ['with an unknown log level', { 'io.modelcontextprotocol/logLevel': 'loud' }, {}, 400, -32602],
    ['with another Mcp-Method', {}, { 'Mcp-Method': 'tools/call' }, 400, -32020],
    [
      'with another version in the header',
      {},
      { 'MCP-Protocol-Version': '2026-08-01' },
      400,
      -32020,
    ],
    ['without the version header', {}, { 'MCP-Protocol-Version': undefined }, 400, -32020],
  ])('is refused %s', async (_what, meta, headers, status, code) => {
    const sent =
      '_meta' in meta ? { headers, meta: NO_META } : { headers, meta: meta as JsonObject };
    const refused = await send(url, 'tools/list', {}, sent);
    expect([refused.status, refused.error?.code]).toEqual([status, code]);
  });

  const NO_META = {
    'io.modelcontextprotocol/protocolVersion': undefined,
    'io.modelcontextprotocol/clientCapabilities': undefined,
  } as unknown as JsonObject;

  it('is told which versions there are', async () => {
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' };
    const headers = { 'MCP-Protocol-Version': '2027-01-01' };
    const refused = await send(url, 'server/discover', {}, { meta, headers });
    expect([refused.status, refused.error]).toMatchObject([
      400,
      { code: -32022, data: { supported: ['2026-07-28'], requested: '2027-01-01' } },
    ]);
  });

  it.each([
    ...['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'tasks/list'],
    ...['tasks/result', 'no/such', 'constructor'],
  ])('finds no method %s', async (method) => {
    const refused = await send(url, method, {}, { id: 'x' });
    expect([refused.status, refused.messages]).toMatchObject([
      404,
      [{ id: 'x', error: { code: -32601 } }],
    ]);
  });

  it('may be a notification, which means nothing, but no response and no batch', async () => {
    const bodies = [
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
      { jsonrpc: '2.0', id: 1, result: {} },
      [{ jsonrpc: '2.0', id: 1, method: 'tools/list' }],
      { id: 1 },
    ];
    const statuses = bodies.map(async (body) => {
      const headers = {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'MCP-Protocol-Version': '2026-07-28',
      };
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    });
    expect(await Promise.all(statuses)).toEqual([202, 400, 400, 400]);
  });

  it('learns what the endpoint is, and how long it may believe that', async () => {
    const { result } = await send(url, 'server/discover');
    expect(result).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        ...{ logging: {}, completions: {} },
        extensions: { 'io.modelcontextprotocol/tasks': {} },
      },
      instructions: 'Be tiny.',
      ...{ ttlMs: 5_000, cacheScope: 'private' },
      _meta: {
        'io.modelcontextprotocol/serverInfo': {
          ...{ name: 'mainspring', title: 'Mainspring', version: '1.2.3' },
        },
      },
    });
  });

  it('gets lists, resources and prompts', async () => {
    const { result: tools } = await send(url, 'tools/list');
    expect(tools).toMatchObject({ resultType: 'complete', ttlMs: 5_000, cacheScope: 'private' });
    expect(tools.tools).toContainEqual({ name: 'echo', inputSchema: { type: 'object' } });
    const { result: read } = await send(url, 'resources/read', { uri: 'test://one' });
    expect(read).toMatchObject({ contents: [{ text: 'one' }], ttlMs: 0, cacheScope: 'private' });
    const { result: prompt } = await send(url, 'prompts/get', { name: 'greeting' });
    expect(prompt).not.toHaveProperty('ttlMs');
  });

  it('hears progress and log messages, if it has asked for them', async () => {
    const call = (name: string, args: JsonObject, meta: JsonObject) =>
      send(url, 'tools/call', { name, arguments: args }, { meta });
    const told = await call('progress', { steps: 2 }, { progressToken: 'p' });
    expect(told.messages.slice(0, -1)).toMatchObject([
      { method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } },
      { method: 'notifications/progress', params: { progressToken: 'p', progress: 2 } },
    ]);
    const logLevel = { 'io.modelcontextprotocol/logLevel': 'info' };
    expect((await call('log', { level: 'info' }, logLevel)).messages).toHaveLength(2);
    expect((await call('log', { level: 'debug' }, logLevel)).messages).toHaveLength(1);
    expect((await call('log', { level: 'emergency' }, {})).messages).toHaveLength(1);
    expect((await call('progress', { steps: 2 }, {})).messages).toHaveLength(1);
  });

  it('is cancelled when its client goes', async () => {
    const client = new AbortController();
    const params = { name: 'wait', arguments: { ms: 60_000 } };
    const call = send(url, 'tools/call', params, { signal: client.signal });
    await until(() => gateway.operations.running === 1);
    client.abort();
    await expect(call).rejects.toThrow();
    await until(() => gateway.operations.cancelled.length === 1);
  });
});

describe('a call that asks something', () => {
  it('ends with the question, and goes on with the answer', async () => {
    const asked = await send(url, 'tools/call', askFor('who?'), { capabilities: CAN_ASK });
    expect(asked.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { '1': { method: 'elicitation/create', params: { message: 'who?' } } },
    });
    expect(asked.result).not.toHaveProperty('ttlMs');
    const { requestState } = asked.result;
    const params = { ...askFor('who?'), requestState, inputResponses: { '1': accepted } };
    const ended = await send(url, 'tools/call', params as JsonObject, { capabilities: CAN_ASK });
    expect(ended.result).toMatchObject({
      resultType: 'complete',
      content: [{ text: JSON.stringify({ result: accepted }) }],
    });
  });

  it('goes on in another process', async () => {
    const asked = await send(url, 'tools/call', askFor('who?'), { capabilities: CAN_ASK });
    const other = await startModern(home());
    try {
      const { requestState } = asked.result;
      const params = { ...askFor('who?'), requestState } as JsonObject;
      const again = await send(other.url, 'tools/call', params, { capabilities: CAN_ASK });
      expect(again.result.resultType).toBe('input_required');
      const { requestState: newer } = again.result;
      const answer = { ...params, requestState: newer, inputResponses: { '1': accepted } };
      const ended = await send(other.url, 'tools/call', answer as JsonObject, {
        capabilities: CAN_ASK,
      });
      expect(ended.result.content).toMatchObject([{ text: JSON.stringify({ result: accepted }) }]);
    } finally {
      await other.close();
    }
  });

  it.each([
    ['changed', askFor('who?'), 'A', {}],
    ['of another request', askFor('else?'), '', {}],
    ['with an answer that is none', askFor('who?'), '', { '1': { roots: [] } }],
  ])('refuses a state %s', async (_what, params, more, inputResponses) => {
    const asked = await send(url, 'tools/call', askFor('who?'), { capabilities: CAN_ASK });
    const requestState = `${asked.result.requestState as string}${more}`;
    const retry = { ...params, requestState, inputResponses };
    const refused = await send(url, 'tools/call', retry, { capabilities: CAN_ASK });
    expect(refused.error?.code).toBe(-32602);
  });

  it("is answered by the SDK's client of itself", async () => {
    const client = new Client(
      { name: 'test', version: '1' },
      { capabilities: CAN_ASK, versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    client.setRequestHandler('elicitation/create', () => ({
      action: 'accept',
      content: { n: 'A' },
    }));
    await client.connect(new StreamableHTTPClientTransport(url));
    try {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toContain('ask');
      const { content } = await client.callTool(askFor('who?'));
      expect(content).toMatchObject([{ text: expect.stringContaining('"n":"A"') as string }]);
      const read = await client.readResource({ uri: 'test://one' });
      expect(read.contents).toMatchObject([{ text: 'one' }]);
      await expect(client.callTool({ name: 'nope', arguments: {} })).rejects.toMatchObject({
        code: -32602,
      });
    } finally {
      await client.close();
    }
  });
});

describe('subscriptions/listen', () => {
  /** What comes on a stream, as it comes. */
  function listen(notifications: JsonObject, capabilities: JsonObject = {}) {
    const client = new AbortController();
    const messages: RpcMessage[] = [];
    const stream = (async () => {
      const sent = { id: 'l', capabilities, signal: client.signal };
      const response = await post(url, 'subscriptions/listen', { notifications }, sent);
      const decoder = new TextDecoder();
      let rest = '';
      for await (const chunk of response.body ?? []) {
        const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line.startsWith('data:')) messages.push(JSON.parse(line.slice(5)) as RpcMessage);
        }
      }
    })();
    stream.catch(() => undefined);
    return { messages, stream, leave: () => client.abort() };
  }
  const _meta = { 'io.modelcontextprotocol/subscriptionId': 'l' };

  it('acknowledges what there is, tells what has changed and was asked for, and ends with a result', async () => {
    const resourceSubscriptions = ['test://one'];
    const { messages, stream } = listen({ toolsListChanged: true, resourceSubscriptions });
    await until(() => messages.length === 1);
    expect(messages[0]).toEqual({
      ...{ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged' },
      params: {
        notifications: { toolsListChanged: true, resourceSubscriptions },
        _meta,
      },
    });
    expect(gateway.sockets.interest).toEqual({ tiny: { resources: ['test://one'] } });
    const { catalogues, sockets, era } = gateway;
    catalogues.prompts.push({ name: 'more' });
    catalogues.changed('prompts');
    catalogues.tools.pop();
    catalogues.changed('tools');
    catalogues.changed('tools'); // nothing more has changed
    await until(() => messages.length === 2);
    expect(messages[1]).toMatchObject({
      method: 'notifications/tools/list_changed',
      params: { _meta },
    });
    const method = 'notifications/resources/updated';
    const notice = { type: 'notification', server: 'tiny', method } as const;
    sockets.say({ ...notice, params: { uri: 'test://two' } });
    sockets.say({ ...notice, params: { uri: 'test://one' } });
    await until(() => messages.length === 3);
    expect(messages[2]).toMatchObject({ method, params: { uri: 'test://one', _meta } });
    era.close();
    await stream;
    expect(messages.slice(3)).toMatchObject([
      { id: 'l', result: { resultType: 'complete', _meta } },
    ]);
    expect(gateway.sockets.interest).toEqual({});
  });

  it('follows the tasks of its client, if it can follow tasks', async () => {
    await gateway.close();
    gateway = await startModern(home(), { tasksAfterMs: 0 });
    url = gateway.url;
    const refused = await send(url, 'subscriptions/listen', { notifications: { taskIds: ['t'] } });
    expect([refused.status, refused.error?.code]).toEqual([400, -32021]);
    const params = { name: 'wait', arguments: { ms: 300 } };
    const { result } = await send(url, 'tools/call', params, { capabilities: TASKS });
    const { taskId } = result;
    const { messages, leave } = listen({ taskIds: [taskId ?? '', 'none'] }, TASKS);
    await until(() => messages.length === 3);
    expect(messages).toMatchObject([
      { params: { notifications: { taskIds: [taskId] } } },
      { method: 'notifications/tasks', params: { taskId, status: 'working', _meta } },
      { params: { status: 'completed', result: { content: [{ text: 'waited' }] } } },
    ]);
    leave();
  });

  it.each([
    ['no filter', {}],
    ['no flag', { notifications: { toolsListChanged: 'yes' } }],
    ['too many', { notifications: { taskIds: Array.from({ length: 101 }, String) } }],
  ])('refuses a filter that is none: %s', async (_what, params) => {
    const refused = await send(url, 'subscriptions/listen', params, { capabilities: TASKS });
    expect(refused.error?.code).toBe(-32602);
  });
});
