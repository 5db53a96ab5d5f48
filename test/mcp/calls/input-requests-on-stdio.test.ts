import { type InputResponse } from '../../../src/domain/calls/input-requests';
import { type McpConnection } from '../../../src/mcp/session/connection';
import { type CallClient, type ServerInputRequest } from '../../../src/mcp/calls/open-call';
import { until } from '../../e2e/until';
import { createTestHost, fixture, stdioSpec, type TestHost } from '../harness';
import { isJsonObject, type JsonObject } from '../../../src/base/json';

const timeoutMs = 10_000;
const ALL = { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} };

let host: TestHost;
beforeEach(() => (host = createTestHost(['hunter2-hunter2'])));
afterEach(() => host.close());

const open = (env: Record<string, string> = {}) => {
  const spec = stdioSpec(env);
  const args = [fixture('asking-server.js')];
  const protocol = env['ERA'] === 'modern' ? 'modern' : 'legacy';
  return host.open({ ...spec, protocol, process: { ...spec.process, args } });
};

/** A client that answers by method, and notes what it was asked. */
function clientWith(
  answer: (
    question: ServerInputRequest,
    signal: AbortSignal,
  ) => Promise<InputResponse> | InputResponse,
  { capabilities = ALL, id = 'me' }: { capabilities?: JsonObject; id?: string } = {},
) {
  const questions: ServerInputRequest[] = [];
  const client: CallClient = {
    ...{ id, capabilities },
    async requestInput(question, signal) {
      questions.push(question);
      return answer(question, signal);
    },
  };
  return { client, questions };
}

const ACCEPT: InputResponse = { result: { action: 'accept', content: { name: 'Ada' } } };
const SAMPLED: InputResponse = {
  result: { role: 'assistant', model: 'm', content: { type: 'text', text: 'Ho' }, vendor: 1 },
};
const ROOTS: InputResponse = { result: { roots: [{ uri: 'file:///a' }] } };
const byMethod = ({ method }: ServerInputRequest) =>
  ({ 'elicitation/create': ACCEPT, 'sampling/createMessage': SAMPLED, 'roots/list': ROOTS })[
    method
  ];

/** The JSON in the text of a result. */
function saidIn({ content }: JsonObject): unknown {
  const [first] = Array.isArray(content) ? content : [];
  return isJsonObject(first) && typeof first['text'] === 'string'
    ? JSON.parse(first['text'])
    : undefined;
}

const call = async (
  connection: McpConnection,
  tool: string,
  options: Partial<Parameters<McpConnection['callTool']>[2]> = {},
  args: JsonObject = {},
) => saidIn(await connection.callTool(tool, args, { timeoutMs, ...options }));

describe.each(['legacy', 'modern'])('a %s server that asks', (era) => {
  const wrapped = (answer: InputResponse) => {
    const exact = 'result' in answer ? answer.result : answer;
    return era === 'modern' ? { answer: exact, requestState: 's/1=' } : exact;
  };

  test.each([
    ['elicit', ACCEPT, { method: 'elicitation/create', params: { vendor: { kept: true } } }],
    ['elicitUrl', ACCEPT, { method: 'elicitation/create', params: { mode: 'url' } }],
    ['sample', SAMPLED, { method: 'sampling/createMessage', params: { maxTokens: 9 } }],
    ['roots', ROOTS, { method: 'roots/list' }],
  ])('gets the answer of the client of the call, exactly: %s', async (tool, answer, asked) => {
    const connection = await open({ ERA: era });
    const { client, questions } = clientWith(byMethod);
    expect(await call(connection, tool, { client })).toEqual(wrapped(answer));
    const key = era === 'modern' ? { key: 'q' } : {};
    expect(questions).toEqual([expect.objectContaining({ ...key, method: asked.method })]);
    expect(questions[0]).toMatchObject(asked);
  });

  test('is declined where there is no client, or one that cannot', async () => {
    const connection = await open({ ERA: era });
    const decline: InputResponse = { result: { action: 'decline' } };
    expect(await call(connection, 'elicit')).toEqual(wrapped(decline));
    const { client, questions } = clientWith(byMethod, { capabilities: { elicitation: {} } });
    expect(await call(connection, 'elicitUrl', { client })).toEqual(wrapped(decline));
    expect(await call(connection, 'roots', { client })).toEqual(wrapped({ result: { roots: [] } }));
    expect(questions).toEqual([]);
  });

  test('also while it reads, gets or completes', async () => {
    const connection = await open({ ERA: era });
    const { client, questions } = clientWith(byMethod);
    const result = await connection.request(
      'prompts/get',
      { name: 'greet' },
      { timeoutMs, client },
    );
    expect(saidIn({ content: [{ text: result['answer'] ?? null }] })).toEqual(wrapped(ACCEPT));
    expect(questions).toHaveLength(1);
  });

  test('does not hold its call up beyond its time, which stands while the client is asked', async () => {
    const connection = await open({ ERA: era });
    const slow = clientWith(async (question) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return byMethod(question);
    });
    expect(await call(connection, 'elicit', { client: slow.client, timeoutMs: 300 })).toEqual(
      wrapped(ACCEPT),
    );
    await expect(call(connection, 'hang', { timeoutMs: 200 })).rejects.toMatchObject({
      kind: 'lost',
      errorClass: 'timeout',
    });
  });

  test('has its question taken back when the call is cancelled, or its process dies', async () => {
    const connection = await open({ ERA: era });
    const abort = new AbortController();
    const taken: unknown[] = [];
    const never = clientWith((_question, signal) => {
      abort.abort();
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          taken.push('cancelled');
          resolve(ACCEPT);
        });
        if (signal.aborted) resolve(ACCEPT);
      });
    });
    const options = { client: never.client, signal: abort.signal };
    const cancel = era === 'modern' ? 'idle' : 'answered';
    await expect(call(connection, 'elicit', options)).rejects.toMatchObject({
      kind: 'cancelled',
      cancel,
    });

    let isTold: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (isTold = resolve));
    const dying = clientWith(async (_question, signal) => {
      void connection.kill();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      isTold();
      return ACCEPT;
    });
    await expect(call(connection, 'elicit', { client: dying.client })).rejects.toMatchObject({
      kind: 'lost',
    });
    await told;
  });

  test('runs tools as tasks, asks meanwhile, and cancels them', async () => {
    const connection = await open({ ERA: era });
    await connection.listTools();
    expect(await call(connection, 'job')).toEqual({ answers: null });
    const { client } = clientWith(byMethod);
    const answers = 'result' in ACCEPT ? ACCEPT.result : {};
    expect(await call(connection, 'job', { client }, { asks: true })).toEqual({
      answers: era === 'modern' ? { form: answers } : answers,
    });
    const cancel = new AbortController();
    const never = clientWith(() => {
      cancel.abort();
      return new Promise(() => undefined);
    });
    const options = { client: never.client, signal: cancel.signal };
    await expect(call(connection, 'job', options, { asks: true })).rejects.toMatchObject({
      kind: 'cancelled',
      cancel: 'answered',
    });
    await until('the cancel', () => host.log.tail(5).join().includes('cancelled task-3'));
  });
});

describe('a legacy server', () => {
  test('asks the only client that there is, and nobody when there are several', async () => {
    const connection = await open();
    const [a, b] = [clientWith(byMethod, { id: 'a' }), clientWith(byMethod, { id: 'b' })];
    const decline = { action: 'decline' };
    const args = { ms: 100 };
    const two = [a, b].map(({ client }) => call(connection, 'askAfter', { client }, args));
    // The first of the two to be asked is one of two in flight; the second may be alone by then.
    expect((await Promise.all(two))[0]).toEqual(decline);
    const same = [a, a].map(({ client }) => call(connection, 'askAfter', { client }, args));
    const accept = 'result' in ACCEPT && ACCEPT.result;
    expect(await Promise.all(same)).toEqual([accept, accept]);
  });

  test('can take a question back, and asks one thing under one id', async () => {
    const connection = await open();
    const never = clientWith(
      (_question, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(ACCEPT))),
    );
    expect(await call(connection, 'withdraw', { client: never.client })).toBe('no answer');
    const { client, questions } = clientWith(async (question) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return byMethod(question);
    });
    await call(connection, 'sameIdTwice', { client });
    expect(questions.map(({ method }) => method)).toEqual(['elicitation/create']);
  });

  test('gets `_meta` of the caller, and only that', async () => {
    const connection = await open();
    const meta = { traceparent: '00-1' };
    expect(await call(connection, 'whoAsks', { meta })).toEqual(meta);
    const read = await connection.request(
      'resources/read',
      { uri: 'test://1' },
      { timeoutMs, meta },
    );
    expect(read).toEqual({
      contents: [{ uri: 'test://1', text: 'content', vendor: true }],
      seen: meta,
    });
  });
});

describe('a modern server', () => {
  test('is told with each request what its client can do, and asks as often as it likes', async () => {
    const connection = await open({ ERA: 'modern' });
    const { client, questions } = clientWith(byMethod);
    expect(await call(connection, 'whoAsks', { client })).toMatchObject({
      'io.modelcontextprotocol/clientCapabilities': {
        ...ALL,
        extensions: { 'io.modelcontextprotocol/tasks': {} },
      },
    });
    const form = 'result' in ACCEPT && ACCEPT.result;
    const dirs = 'result' in ROOTS && ROOTS.result;
    expect(await call(connection, 'rounds', { client })).toEqual({
      first: { form, dirs },
      second: null,
    });
    expect(questions.map(({ key }) => key)).toEqual(['form', 'dirs']);
  });

  test.each([
    ['asks without end', 'endless', { kind: 'rejected' }],
    ['asks what nobody can be asked', 'badInput', { kind: 'lost', errorClass: 'protocol' }],
    ['answers with something unknown', 'strange', { kind: 'rejected' }],
  ])('that %s ends its call', async (_what, tool, expected) => {
    const connection = await open({ ERA: 'modern' });
    const { client } = clientWith(byMethod);
    await expect(call(connection, tool, { client })).rejects.toMatchObject(expected);
    expect(await call(connection, 'whoAsks')).toBeDefined();
  });
});

describe.each(['legacy', 'modern'])('what a %s server offers', (era) => {
  test('is listed, all pages and members of it', async () => {
    const connection = await open({ ERA: era });
    expect(connection.facts).toMatchObject({
      serverInfo: { name: 'asking', vendor: { kept: true }, websiteUrl: 'https://example.com' },
      capabilities: { experimental: { vendor: { kept: true } } },
      instructions: 'Ask me.',
      era,
    });
    expect(await connection.listResourcesAndPrompts()).toEqual({
      resources: ['test://1', 'test://2'].map((uri) => ({
        uri,
        name: uri,
        vendor: { kept: true },
      })),
      templates: [{ uriTemplate: 'test://item/{id}', name: 'item' }],
      ...{ prompts: [{ name: 'greet' }], flaws: [] },
    });
  });

  test('is not known when its lists fail, and the log says why', async () => {
    const connection = await open({ ERA: era, BROKEN_LISTS: '1' });
    expect(await connection.listResourcesAndPrompts()).toEqual({ templates: [], flaws: [] });
    await until('the reason', () => host.log.tail(3).join().includes('prompts/list returned'));
  });

  test('and what it says of its own accord reaches whom it concerns', async () => {
    const connection = await open({ ERA: era });
    const heard: [string, JsonObject][] = [];
    connection.onNotification((method, params) => void heard.push([method, params]));
    const ofCall: [string, JsonObject][] = [];
    const steps: unknown[] = [];
    const options = {
      onNotification: (method: string, params: JsonObject) => void ofCall.push([method, params]),
      onProgress: (step: object) => void steps.push(step),
    };
    await call(connection, 'log', options);
    await call(connection, 'progress', options);
    const message = { level: 'info', data: { line: 1 }, vendor: true };
    expect(ofCall).toEqual([['notifications/message', message]]);
    expect(steps).toEqual([{ progress: 1, total: 2, message: 'half', vendor: true }]);

    connection.setInterest({ resources: ['test://1'], logLevel: 'debug' });
    await until('the subscription', async () => {
      const subscribed = await call(connection, 'touch', options, { uri: 'test://1' });
      return Array.isArray(subscribed) && subscribed.length > 0;
    });
    await call(connection, 'changeLists', options);
    expect(heard).toContainEqual(['notifications/resources/updated', { uri: 'test://1' }]);
    expect(heard.map(([method]) => method)).toContain('notifications/prompts/list_changed');
    const level = await call(connection, era === 'modern' ? 'whoAsks' : 'log', options);
    expect(JSON.stringify(level)).toMatch(/ogLevel":"debug/);
    connection.setInterest({ resources: [] });
  });
});

describe('a server that misbehaves', () => {
  test('answers what nobody asked, and asks what nobody knows', async () => {
    const connection = await open();
    expect(await call(connection, 'unsolicited')).toMatchObject({ error: { code: -32601 } });
    expect(await call(connection, 'answerTwice')).toBe('first');
    await expect(call(connection, 'noObject')).rejects.toMatchObject({
      ...{ kind: 'lost', errorClass: 'protocol' },
      message: 'the answer has a "result" that is not an object',
    });
    await expect(call(connection, 'fails')).rejects.toMatchObject({
      rpcError: { code: -32042, message: 'exactly so', data: { why: ['because'] } },
    });
    expect(await call(connection, 'whoAsks')).toBeNull();
  });

  test('floods with notifications: some are dropped, and the log says how many', async () => {
    const connection = await open();
    let heard = 0;
    const onNotification = () => void heard++;
    const calls = [call(connection, 'flood', { onNotification }, { count: 20_000 })];
    calls.push(call(connection, 'whoAsks'));
    expect(await Promise.all(calls)).toEqual(['flooded', null]);
    expect(heard).toBeLessThan(20_000);
    await until('the count', () =>
      host.log.tail(3).join().includes('notifications: too many at once'),
    );
  });
});
