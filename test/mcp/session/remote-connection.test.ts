import { once } from 'node:events';
import { createServer } from 'node:net';
import { type CallProgress } from '../../../src/domain/calls/calls';
import { type UrlSpec } from '../../../src/domain/spec';
import { createTestHost, fixture, type TestHost, urlSpec } from '../harness';
import { type Remote, startRemote, stopRemote } from '../remote';

const timeoutMs = 10_000;

describe.each<[string, string, Record<string, string>, UrlSpec['type'], string, string]>([
  ['Streamable HTTP, legacy', 'http-server.js', {}, 'http', 'http', '/mcp'],
  ['Streamable HTTP, modern', 'http-server.js', { ERA: 'modern' }, 'http', 'http', '/mcp'],
  ['HTTP+SSE', 'sse-server.js', {}, 'sse', 'http', '/sse'],
  ['WebSocket', 'ws-server.js', {}, 'websocket', 'ws', '/'],
])('a connection over %s', (_title, program, env, type, scheme, path) => {
  let host: TestHost;
  let remote: Remote;
  const spec = () => urlSpec(type, `${scheme}://127.0.0.1:${remote.port}${path}`);
  beforeAll(async () => (remote = await startRemote(program, env)));
  afterAll(() => stopRemote(remote));
  beforeEach(() => (host = createTestHost()));
  afterEach(() => host.close());

  test('lists tools, answers calls and pings, and closes', async () => {
    const connection = await host.open(spec());
    expect(connection.era).toBe(env.ERA ?? 'legacy');
    expect(connection.pid).toBeUndefined();
    const { tools } = await connection.listTools();
    expect(tools.find(({ name }) => name === 'echo')).toMatchObject({
      vendorMember: { kept: true },
    });
    const onSent = jest.fn();
    const result = await connection.callTool('add', { a: 1, b: 2 }, { timeoutMs, onSent });
    expect(result).toMatchObject({ content: [{ type: 'text', text: '3' }] });
    expect(onSent).toHaveBeenCalledTimes(1);
    expect(await connection.ping(timeoutMs)).toBeGreaterThan(0);
    await connection.close(1_000);
    expect(await connection.closed).toMatchObject({ code: 'CONNECTION_LOST' });
  });

  test('reports progress, and cancels', async () => {
    const connection = await host.open(spec());
    const progress: CallProgress[] = [];
    const onProgress = (step: CallProgress) => void progress.push(step);
    await connection.callTool('sleep', { ms: 20 }, { timeoutMs, onProgress });
    expect(progress.map((step) => step.progress)).toEqual([0, 20]);
    const abort = new AbortController();
    const options = { timeoutMs, signal: abort.signal, onProgress: () => abort.abort() };
    const call = connection.callTool('sleep', { ms: 60_000 }, options);
    await expect(call).rejects.toMatchObject({ kind: 'cancelled', cancel: 'silent' });
    expect(await connection.callTool('echo', { text: 'on' }, { timeoutMs })).toBeDefined();
  });

  test('does not know what became of a cancelled call whose server dies', async () => {
    const dying = await startRemote(program, env);
    const connection = await host.open(urlSpec(type, `${scheme}://127.0.0.1:${dying.port}${path}`));
    const abort = new AbortController();
    const onProgress = () => {
      dying.child.kill('SIGKILL');
      abort.abort();
    };
    const options = { timeoutMs, signal: abort.signal, onProgress };
    const call = connection.callTool('sleep', { ms: 60_000 }, options);
    await expect(call).rejects.toMatchObject({ kind: 'cancelled', cancel: 'lost' });
  });

  test('rejects what the server answers with an error', async () => {
    const connection = await host.open(spec());
    const call = connection.callTool('nope', {}, { timeoutMs });
    await expect(call).rejects.toMatchObject({
      kind: 'rejected',
      code: -32602,
      errorClass: 'tool',
    });
  });

  test('runs many calls at once', async () => {
    const connection = await host.open(spec());
    const calls = Array.from({ length: 50 }, (_, a) =>
      connection.callTool('add', { a, b: 1 }, { timeoutMs }),
    );
    expect(await Promise.all(calls)).toHaveLength(50);
  });

  test('gives a call up as lost when its time is over', async () => {
    const connection = await host.open(spec());
    const call = connection.callTool('sleep', { ms: 60_000 }, { timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ kind: 'lost', errorClass: 'timeout' });
  });

  test('loses a call in flight when the server dies, and refuses the next one unsent', async () => {
    const dying = await startRemote(program, env);
    const url = `${scheme}://127.0.0.1:${dying.port}${path}`;
    const connection = await host.open(urlSpec(type, url));
    const call = connection.callTool('crash', {}, { timeoutMs });
    await expect(call).rejects.toMatchObject({ kind: 'lost', errorClass: 'network' });
    await stopRemote(dying); // its port is closed after its connections
    await expect(connection.callTool('echo', {}, { timeoutMs })).rejects.toMatchObject({
      kind: 'not-sent',
    });
    expect(await connection.closed).toMatchObject({ code: 'CONNECTION_LOST' });
  });
});

test('arguments are repeated in HTTP headers where a modern server wants them', async () => {
  const host = createTestHost();
  const remote = await startRemote('http-server.js', { ERA: 'modern' });
  const connection = await host.open(urlSpec('http', `http://127.0.0.1:${remote.port}/mcp`));
  await connection.listTools();
  const result = await connection.callTool('region', { region: 'north' }, { timeoutMs });
  expect(result).toMatchObject({ content: [{ type: 'text', text: 'north' }] });
  await host.close();
  await stopRemote(remote);
});

describe('a remote server', () => {
  let host: TestHost;
  let remote: Remote;
  beforeAll(async () => (remote = await startRemote('http-server.js', { TOKEN: 'letmein-42' })));
  afterAll(() => stopRemote(remote));
  beforeEach(() => (host = createTestHost(['letmein-42'])));
  afterEach(() => host.close());
  const url = (path: string) => `http://127.0.0.1:${remote.port}${path}`;
  const headers = { Authorization: 'Bearer letmein-42' };

  test('gets the headers of the spec', async () => {
    const spec = urlSpec('http', url('/mcp'), { remote: { url: url('/mcp'), headers } });
    const connection = await host.open(spec);
    expect((await connection.listTools()).tools).not.toHaveLength(0);
  });

  test('that wants credentials says so', async () => {
    await expect(host.open(urlSpec('http', url('/mcp')))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: '"tiny" returned HTTP 401',
    });
  });

  test.each(['http', 'sse'] as const)('of type %s that is a web page says so', async (type) => {
    await expect(host.open(urlSpec(type, url('/page')))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
    });
  });

  test.each(['http', 'sse'] as const)('of type %s at a wrong path says so', async (type) => {
    await expect(host.open(urlSpec(type, url('/wrong')))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: '"tiny" returned HTTP 404',
    });
  });

  test.each([
    ['http', 'http'],
    ['sse', 'http'],
    ['websocket', 'ws'],
  ] as const)('of type %s that is not there says so', async (type, scheme) => {
    const port = await freePort();
    await expect(host.open(urlSpec(type, `${scheme}://127.0.0.1:${port}/`))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('cannot be reached') as string,
    });
  });

  test('that has forgotten the session leaves the call unsent and is connected anew', async () => {
    const spec = urlSpec('http', url('/mcp'), { remote: { url: url('/mcp'), headers } });
    const connection = await host.open(spec);
    await fetch(url('/forget'));
    const call = connection.callTool('echo', { text: '' }, { timeoutMs });
    await expect(call).rejects.toMatchObject({ kind: 'not-sent', retryable: true });
    expect(await connection.closed).toMatchObject({
      code: 'CONNECTION_LOST',
      message: 'the server has dropped the session',
    });
    const again = await host.open(spec);
    expect(await again.callTool('echo', { text: '' }, { timeoutMs })).toBeDefined();
  });
});

describe('a server that is a program of ours and listens on a port', () => {
  let host: TestHost;
  beforeEach(() => (host = createTestHost()));
  afterEach(async () => {
    await host.close();
    expect(host.groups.size).toBe(0);
  });

  const ownSpec = (port: number, env: Record<string, string> = {}) =>
    urlSpec('http', `http://127.0.0.1:${port}/mcp`, {
      process: {
        command: process.execPath,
        args: [fixture('http-server.js')],
        env: { PORT: String(port), ...env },
        cwd: __dirname,
      },
    });

  test('is connected as soon as it listens, and ends with the connection', async () => {
    const connection = await host.open(ownSpec(await freePort(), { LISTEN_AFTER: '200' }));
    expect(connection.pid).toBeGreaterThan(0);
    expect(await connection.callTool('echo', { text: '' }, { timeoutMs })).toBeDefined();
    await connection.close(2_000);
    expect(host.groups.size).toBe(0);
  });

  test('tells that it exited', async () => {
    const connection = await host.open(ownSpec(await freePort()));
    process.kill(connection.pid ?? 0, 'SIGKILL');
    expect(await connection.closed).toMatchObject({ code: 'SERVER_EXITED' });
  });

  test('is not started when its port is taken', async () => {
    const other = createServer();
    const port = await listen(other);
    await expect(host.open(ownSpec(port))).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    other.close();
  });

  test('tells the last output when it exits before it listens', async () => {
    const open = host.open(ownSpec(await freePort(), { PORT: '99999' }));
    await expect(open).rejects.toMatchObject({ code: 'SERVER_EXITED' });
  });

  test('is given up when it never listens', async () => {
    const spec = ownSpec(await freePort(), { LISTEN_AFTER: '60000' });
    const open = host.open({ ...spec, timeouts: { ...spec.timeouts, startMs: 500 } });
    await expect(open).rejects.toMatchObject({ code: 'HANDSHAKE_TIMEOUT' });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
