import v8 from 'node:v8';
import vm from 'node:vm';
import { z } from 'zod';
import { type ServerSpec } from '../../../src/domain/spec';
import { type McpConnection } from '../../../src/mcp/session/connection';
import { createTestHost, fixture, stdioSpec, type TestHost, urlSpec } from '../harness';
import { type Remote, startRemote, stopRemote } from '../remote';

const timeoutMs = 20_000;
const messageBytes = 100_000;
/** Far below what each frame by itself would take. */
const MAX_GROWTH_BYTES = 150_000_000;
const WATCH_MS = 50;

v8.setFlagsFromString('--expose-gc');
const collect = z.custom<() => void>().parse(vm.runInNewContext('gc'));

/** What is not garbage. */
function heapInUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const TRANSPORTS: [string, Record<string, string>][] = [
  ['stdio', { TRANSPORT: 'stdio' }],
  ['Streamable HTTP', { TRANSPORT: 'http' }],
  ['Streamable HTTP, bodies', { TRANSPORT: 'http', BODY: 'json' }],
  ['HTTP+SSE', { TRANSPORT: 'sse' }],
  ['WebSocket', { TRANSPORT: 'websocket' }],
  ['WebSocket, fragments', { TRANSPORT: 'websocket', FRAGMENTS: '1' }],
];

describe.each(TRANSPORTS)('over %s', (_title, env) => {
  let host: TestHost;
  let remote: Remote | undefined;
  let connection: McpConnection;
  let refused: string[];
  beforeAll(async () => {
    if (env.TRANSPORT !== 'stdio') remote = await startRemote('noisy-server.js', env);
  });
  afterAll(() => remote && stopRemote(remote));
  beforeEach(async () => {
    host = createTestHost();
    connection = await host.open(withLimit(specOf(env.TRANSPORT ?? '', remote?.port)));
    refused = [];
    connection.onRefused((why) => refused.push(why));
  });
  afterEach(() => host.close());
  const call = (tool: string, args: object) =>
    connection.callTool(tool, { ...args }, { timeoutMs });

  test.each([
    ['with its id first', { idLast: false }],
    ['with its id last', { idLast: true }],
  ])('an answer over the limit, %s, costs only its own call', async (_how, order) => {
    const other = call('wait', { ms: 300 });
    await expect(call('big', { bytes: 20 * messageBytes, ...order })).rejects.toMatchObject({
      kind: 'lost',
      reportedAs: 'RESULT_TOO_LARGE',
      message: `the answer has more than ${messageBytes} bytes ("limits.messageBytes")`,
    });
    expect(await other).toMatchObject({ content: [{ text: 'waited' }] });
    expect(await call('echo', { text: 'on' })).toMatchObject({ content: [{ text: 'on' }] });
    expect(refused).toEqual([`has more than ${messageBytes} bytes ("limits.messageBytes")`]);
  });

  test('one to the handshake, which was answered long ago, costs nothing', async () => {
    await call('say', { frames: ['{"jsonrpc":"2.0","id":0,"result":"x"}'] });
    expect(await call('echo', { text: 'on' })).toMatchObject({ content: [{ text: 'on' }] });
  });

  test('one whose id cannot be found costs only the calls that stay unanswered', async () => {
    const other = call('wait', { ms: 100 });
    const options = { timeoutMs: 600 };
    const big = connection.callTool('big', { bytes: 2 * messageBytes, noId: true }, options);
    await expect(big).rejects.toMatchObject({ kind: 'lost', reportedAs: 'RESULT_TOO_LARGE' });
    expect(await other).toMatchObject({ content: [{ text: 'waited' }] });
  });

  test.each([
    ['a result that is no object', '{"jsonrpc":"2.0","id":${id},"result":7}'],
    [
      'a result and an error',
      '{"jsonrpc":"2.0","id":${id},"result":{},"error":{"code":1,"message":""}}',
    ],
    ['a result nested too deep', `{"jsonrpc":"2.0","id":\${id},"result":{"x":${deep(20_000)}}}`],
    ['half of a result', '{"jsonrpc":"2.0","id":${id},"result":{"con'],
    ['an old version', '{"jsonrpc":"1.0","id":${id},"result":{}}'],
  ])('%s ends its call, and nothing else', async (_title, frame) => {
    const other = call('wait', { ms: 100 });
    await expect(call('say', { frames: [frame], isSilent: true })).rejects.toMatchObject({
      kind: 'lost',
      errorClass: 'protocol',
    });
    expect(await other).toMatchObject({ content: [{ text: 'waited' }] });
    expect(await call('echo', { text: 'on' })).toMatchObject({ content: [{ text: 'on' }] });
  });

  if (env.TRANSPORT === 'websocket') {
    test('a message in millions of frames is taken, in little memory', async () => {
      const before = heapInUse();
      let peak = before;
      const watch = setInterval(() => {
        peak = Math.max(peak, heapInUse());
      }, WATCH_MS);
      const ended = await call('split', { empty: 3_000_000 });
      clearInterval(watch);
      expect(ended).toMatchObject({ content: [{ text: 'split' }] });
      expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
    });
  }

  test('more messages at once than anybody sends cost nothing but themselves', async () => {
    const frame = `[{"jsonrpc":"2.0","method":"notifications/x"}${',1'.repeat(40_000)}]`;
    if (env.BODY === 'json') {
      const said = call('say', { frames: [frame], isSilent: true });
      await expect(said).rejects.toMatchObject({ kind: 'lost', errorClass: 'protocol' });
    } else expect(await call('say', { frames: [frame] })).toBeDefined();
    expect(refused).toEqual(['has 40001 messages, but at most 100 are accepted']);
  });

  test.each<[string, string, { code: number; message: string }]>([
    ['without a code', '{"message":"no"}', { code: -32603, message: 'no' }],
    ['with a text as code', '{"code":"E","message":"no"}', { code: -32603, message: 'no ("E")' }],
    [
      'with a number in a text',
      '{"code":"-32001","message":"no"}',
      { code: -32001, message: 'no' },
    ],
    ['without a message', '{"code":5}', { code: 5, message: 'the server gave no message' }],
    ['that is a text', '"no"', { code: -32603, message: 'no' }],
  ])('an error %s is what the server answered', async (_title, error, told) => {
    const frame = `{"jsonrpc":"2.0","id":\${id},"error":${error}}`;
    await expect(call('say', { frames: [frame], isSilent: true })).rejects.toMatchObject({
      ...{ kind: 'rejected', ...told },
    });
  });

  test.each([
    ['with "error": null', '{"jsonrpc":"2.0","id":${id},"result":{"x":1},"error":null}'],
    ['in a batch of its own', '[{"jsonrpc":"2.0","id":${id},"result":{"x":1},"error":null}]'],
    ['with its id as a text', '{"jsonrpc":"2.0","id":"${id}","result":{"x":1}}'],
    ['behind a byte order mark', '\uFEFF{"jsonrpc":"2.0","id":${id},"result":{"x":1}}'],
  ])('an answer %s is taken', async (_title, frame) => {
    expect(await call('say', { frames: [frame], isSilent: true })).toEqual({ x: 1 });
    expect(refused).toEqual([]);
  });

  // A body has room for one message only.
  if (env.BODY !== 'json') {
    test.each([
      ['params that are null', '{"jsonrpc":"2.0","id":1,"method":"roots/list","params":null}'],
      ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"roots/list","params":[]}'],
      ['an id beyond all numbers', '{"jsonrpc":"2.0","id":1e400,"method":"roots/list"}'],
      ['an endless id', `{"jsonrpc":"2.0","id":"${'x'.repeat(5_000)}","method":"roots/list"}`],
      [
        'a deep notification',
        `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":${deep(20_000)}}}`,
      ],
      [
        'progress without end',
        '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${id},"progress":1e400}}',
      ],
      ['an answer to nothing', '{"jsonrpc":"2.0","id":"nobody","result":{}}'],
      ['an error without an id', '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"no"}}'],
      ['an answer in a log line', '[DEBUG] -> {"jsonrpc":"2.0","id":${id},"result":{"x":1}}'],
      ['an error in a log line', '[DEBUG] -> {"jsonrpc":"2.0","id":${id},"error":{"code":1}}'],
      ['a request of ours', '{"jsonrpc":"2.0","id":${id},"method":"tools/list","params":{}}'],
      ['text that is no message', 'hello'],
      ['a number', '17'],
      ['an empty batch', '[]'],
      [
        'a batch with one bad message',
        '[{"jsonrpc":"2.0","method":7},{"jsonrpc":"2.0","method":"notifications/x"}]',
      ],
      [
        'a large notification',
        `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${'x'.repeat(300_000)}"}}`,
      ],
    ])('%s cost nothing but themselves', async (_title, frame) => {
      const frames = [frame, frame];
      expect(await call('say', { frames })).toMatchObject({ content: [{ text: 'said' }] });
      expect(await call('echo', { text: 'on' })).toMatchObject({ content: [{ text: 'on' }] });
    });

    test('a request of the server that is not taken is answered with an error', async () => {
      const bad = '{"jsonrpc":"2.0","id":"q","method":"roots/list","params":[]}';
      await call('say', { frames: [bad] });
      expect(refused).toEqual(['has "params" that are not an object']);
    });
  }
});

function deep(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

function specOf(transport: string, port: number | undefined): ServerSpec {
  const at = `127.0.0.1:${port}`;
  if (transport === 'http') return urlSpec('http', `http://${at}/mcp`, { protocol: 'legacy' });
  if (transport === 'sse') return urlSpec('sse', `http://${at}/sse`);
  if (transport === 'websocket') return urlSpec('websocket', `ws://${at}/`);
  const spec = stdioSpec();
  return { ...spec, process: { ...spec.process, args: [fixture('noisy-server.js')] } };
}

function withLimit(spec: ServerSpec): ServerSpec {
  return { ...spec, limits: { ...spec.limits, messageBytes } };
}
