import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { openGuardedClient, refusalIn } from '../../../src/net/guarded-fetch';
import { createTestHost, type TestHost, urlSpec } from '../harness';
import { type PlainServer, startPlainServer } from '../plain-server';
import { type Remote, startRemote, stopRemote } from '../remote';

/** A name that only the proxy knows. */
const HOST = 'mcp.internal.example';
const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];

let host: TestHost;
let proxy: Server;
let to: number;
let asked: string[];
const before = new Map(NAMES.map((name) => [name, process.env[name]]));

beforeEach(async () => {
  host = createTestHost();
  asked = [];
  proxy = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    const { method, headers } = incoming;
    const path = new URL(incoming.url ?? '').pathname;
    const onward = request({ host: '127.0.0.1', port: to, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  proxy.on('connect', (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url} ${incoming.headers['proxy-authorization'] ?? ''}`.trim());
    const onward = connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  for (const name of NAMES) delete process.env[name];
  process.env.HTTP_PROXY = `http://me:secret@127.0.0.1:${port}`;
});
afterEach(async () => {
  await host.close();
  proxy.close();
  proxy.closeAllConnections();
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

describe('with HTTP_PROXY', () => {
  let plain: PlainServer;
  beforeEach(async () => {
    plain = await startPlainServer();
    to = Number(new URL(plain.url).port);
  });
  afterEach(() => plain.close());

  test('a server is reached through it', async () => {
    const connection = await host.open(urlSpec('http', `http://${HOST}/mcp`));
    expect(await connection.callTool('echo', {}, { timeoutMs: 10_000 })).toBeDefined();
    expect(new Set(asked)).toContain(`POST http://${HOST}/mcp`);
  });

  test('this machine and what NO_PROXY excepts are reached directly', async () => {
    const connection = await host.open(urlSpec('http', plain.url));
    expect((await connection.listTools()).tools).toHaveLength(1);
    process.env.NO_PROXY = HOST;
    await expect(host.open(urlSpec('http', `http://${HOST}/mcp`))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
    });
    expect(asked).toEqual([]);
  });

  test('requests of logins, health checks and bundles go through it, but not to an address that is too near', async () => {
    const configured = new URL(`http://${HOST}/mcp`);
    const guarded = await openGuardedClient({ configured: [configured] });
    expect((await guarded.fetch(configured)).status).toBe(405);
    expect(asked).toEqual([`GET http://${HOST}/mcp`]);
    const refused = guarded.fetch(new URL('http://169.254.169.254/latest'));
    expect(refusalIn(await refused.catch((error: unknown) => error))).toBeDefined();
    expect(asked).toHaveLength(1);
    await guarded.close();
  });
});

describe('with HTTP_PROXY, over WebSocket', () => {
  let remote: Remote;
  beforeAll(async () => (remote = await startRemote('ws-server.js')));
  afterAll(() => stopRemote(remote));

  test('a server is reached through a tunnel, with what the proxy wants to see', async () => {
    to = remote.port;
    const connection = await host.open(urlSpec('websocket', `ws://${HOST}/`));
    expect((await connection.listTools()).tools.length).toBeGreaterThan(0);
    const login = Buffer.from('me:secret').toString('base64');
    expect(asked).toEqual([`CONNECT ${HOST}:80 Basic ${login}`]);
  });

  test('a proxy that refuses is named', async () => {
    proxy.removeAllListeners('connect');
    proxy.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 No\r\n\r\n'));
    const failed = host.open(urlSpec('websocket', `ws://${HOST}/`));
    await expect(failed).rejects.toThrow(/the proxy http:\/\/127\.0\.0\.1:\d+ returned 407/);
  });
});
