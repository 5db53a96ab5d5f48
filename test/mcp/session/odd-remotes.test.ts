import { setTimeout as delay } from 'node:timers/promises';
import { createServer } from 'node:net';
import { MainspringError } from '../../../src/base/errors';
import { isAway } from '../../../src/mcp/session/connect-error';
import { pauseAfter } from '../../../src/mcp/wire/stream-pace';
import { createTestHost, type TestHost, urlSpec } from '../harness';
import { type PlainServer, startPlainServer, type Twist } from '../plain-server';

const timeoutMs = 10_000;

let host: TestHost;
let server: PlainServer;
beforeEach(async () => {
  host = createTestHost();
  server = await startPlainServer();
});
afterEach(async () => {
  await host.close();
  server.close();
});

const answering =
  (status: number, body = ''): Twist =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
    return true;
  };

describe('a server that cannot be connected to', () => {
  const failure = async (url = server.url) => {
    const error: unknown = await host.open(urlSpec('http', url)).catch((why: unknown) => why);
    if (error instanceof MainspringError) return error;
    throw new Error('it connected');
  };

  test.each([
    [503, true],
    [500, true],
    [429, true],
    [403, false],
    [404, false],
    [200, false],
  ])('answers %i: it may come up by itself: %s', async (status, expected) => {
    server.twist = answering(status, 'not now');
    expect(isAway(await failure())).toBe(expected);
  });

  test('may come up when nobody listens, and when its name is not known yet', async () => {
    server.close();
    expect(isAway(await failure())).toBe(true);
    expect(isAway(await failure('http://mcp.invalid/mcp'))).toBe(true);
  });

  test('may come up when what listens breaks off', async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    const address = rude.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    expect(isAway(await failure(`http://127.0.0.1:${port}/mcp`))).toBe(true);
    rude.close();
  });
});

describe('a session that the server has forgotten', () => {
  const open = () => host.open(urlSpec('http', server.url));
  const forgotten =
    (status: number, body: string): Twist =>
    (request) =>
      !request.hasSession && request.method !== 'initialize' && answering(status, body)(request);
  const notInitialized = JSON.stringify({
    ...{ jsonrpc: '2.0', id: null },
    error: { code: -32000, message: 'Bad Request: Server not initialized' },
  });

  test.each([
    [404, 'Session not found'],
    [400, 'No valid session ID'],
    [400, notInitialized],
    [400, 'who are you?'],
    [401, 'who are you?'],
    [403, 'who are you?'],
  ])('with %i %s did not run the call, and is opened again', async (status, body) => {
    const connection = await open();
    server.twist = forgotten(status, body);
    server.sessions.clear();
    const call = connection.callTool('echo', {}, { timeoutMs });
    await expect(call).rejects.toMatchObject({ kind: 'not-sent', retryable: true });
    expect(await connection.closed).toMatchObject({ code: 'CONNECTION_LOST' });
    const next = await open();
    expect(await next.callTool('echo', {}, { timeoutMs })).toBeDefined();
  });

  test('with 503 may have run the call, and is opened again', async () => {
    const connection = await open();
    server.twist = forgotten(503, 'unavailable');
    server.sessions.clear();
    const call = connection.callTool('echo', {}, { timeoutMs });
    await expect(call).rejects.toMatchObject({ kind: 'lost', errorClass: 'server' });
    expect(await connection.closed).toMatchObject({ code: 'CONNECTION_LOST' });
  });

  test.each([
    [403, 'not-sent'],
    [500, 'lost'],
  ])('is told from %i for one tool alone, which changes nothing', async (status, kind) => {
    const connection = await open();
    server.twist = (request) => request.method === 'tools/call' && answering(status)(request);
    const call = connection.callTool('echo', {}, { timeoutMs });
    await expect(call).rejects.toMatchObject({ kind, retryable: false });
    server.twist = () => false;
    expect(await connection.callTool('echo', {}, { timeoutMs })).toBeDefined();
    expect(server.came.filter((method) => method === 'initialize')).toHaveLength(1);
  });
});

test.each([401, 403, 500, 502, 503])(
  'an older server that answers the probe of the protocol with %i is asked in the older way',
  async (status) => {
    server.twist = (request) =>
      !request.hasSession && request.method !== 'initialize' && answering(status)(request);
    const connection = await host.open(urlSpec('http', server.url));
    expect(connection.era).toBe('legacy');
    expect((await connection.listTools()).tools).toHaveLength(1);
  },
);

describe('the stream of a server', () => {
  const gets = () => server.came.filter((method) => method === 'GET').length;

  test.each<[string, Twist]>([
    ['is something else', answering(200, '{}')],
    ['is an error', answering(500)],
    ['never comes', () => true],
  ])('that %s is asked for once', async (_what, twist) => {
    server.twist = (request) => request.http.method === 'GET' && twist(request);
    const connection = await host.open(urlSpec('http', server.url));
    expect(await connection.callTool('echo', {}, { timeoutMs })).toBeDefined();
    await delay(1_500);
    expect(gets()).toBe(1);
  });

  test('that ends at once is opened again ever more seldom', () => {
    const pauses = [0, 0, 0, 0, 0, 0, 0].reduce<number[]>(
      (made) => [...made, pauseAfter(0, made.at(-1) ?? 0)],
      [],
    );
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(pauseAfter(15_000, 8_000)).toBe(0);
  });
});

test('a connection that breaks under a call says how', async () => {
  const connection = await host.open(urlSpec('http', server.url));
  server.twist = ({ http, method }) => {
    if (method !== 'tools/call') return false;
    http.socket.resetAndDestroy();
    return true;
  };
  const call = connection.callTool('echo', {}, { timeoutMs });
  await expect(call).rejects.toMatchObject({
    kind: 'lost',
    message: 'the connection broke: read ECONNRESET',
  });
});
