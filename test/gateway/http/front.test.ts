import http from 'node:http';
import path from 'node:path';
import { useTemporaryFolder } from '../../temporary-folder';
import { JSON_HEADERS, limits, post, request, sha256, until, useFronts } from './front-harness';

const start = useFronts();
const folder = useTemporaryFolder();
const call = request('tools/call', { name: 'echo', arguments: { a: 1 } });
const hold = (id: number) => request('tools/call', { name: 'hold' }, id);

async function errorOf(response: Response) {
  const body = (await response.json()) as { id: unknown; error: { code: number; data?: unknown } };
  return { status: response.status, ...body };
}

describe('endpoints', () => {
  test.each([
    ['/mcp', { kind: 'all' }],
    ['/mcp/p/dev', { kind: 'profile', name: 'dev' }],
    ['/mcp/s/files', { kind: 'server', name: 'files' }],
  ])('%s', async (path, scope) => {
    const { url, legacy } = await start();
    const response = await post(url(path), call);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({
      ...{ jsonrpc: '2.0', id: 1 },
      result: { content: [{ type: 'text', text: '{"a":1}' }], _meta: { principal: 'local:test' } },
    });
    expect(legacy.identities).toMatchObject([{ principal: 'local:test', scope }]);
  });

  it('hands each message to its era', async () => {
    const { url, legacy, modern } = await start();
    await post(url(), request('ping'));
    await post(url(), request('ping'), { 'MCP-Protocol-Version': '2026-07-28' });
    expect([legacy.seen.length, modern.seen.length]).toEqual([1, 1]);
  });

  it('answers a notification with 202 and a DELETE as the era does', async () => {
    const { url } = await start();
    const { status } = await post(url(), { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(status).toBe(202);
    expect((await fetch(url(), { method: 'DELETE' })).status).toBe(204);
  });

  it('opens a stream for GET', async () => {
    const { url } = await start();
    const response = await fetch(url(), { headers: { Accept: 'text/event-stream' } });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const { value } = await (response.body as ReadableStream<Uint8Array>).getReader().read();
    expect(Buffer.from(value ?? []).toString()).toBe('id: first\ndata: \n\n');
  });

  it('says that it lives', async () => {
    const { url } = await start();
    expect(await (await fetch(url('/health'))).json()).toEqual({ status: 'ok' });
  });
});

describe('bad requests', () => {
  const { Accept: both } = JSON_HEADERS;
  test.each<[what: string, status: number, path: string, init: RequestInit]>([
    ['an unknown path', 404, '/nothing', { method: 'POST' }],
    ['an unknown method', 405, '/mcp', { method: 'PUT', body: '{}' }],
    ['GET of an address to post to', 405, '/messages', {}],
    ['POST to a stream', 405, '/sse', { method: 'POST', body: '{}' }],
    ['POST to /health', 405, '/health', { method: 'POST', body: '{}' }],
    ['a WebSocket without an upgrade', 426, '/mcp/ws', {}],
    ['a stream that the client cannot read', 406, '/mcp', { headers: { Accept: 'text/html' } }],
    [
      'a GET with the version without streams',
      405,
      '/mcp',
      {
        headers: { Accept: both, 'MCP-Protocol-Version': '2026-07-28' },
      },
    ],
    [
      'a DELETE with the version without sessions',
      405,
      '/mcp',
      {
        method: 'DELETE',
        headers: { 'MCP-Protocol-Version': '2026-07-28' },
      },
    ],
    [
      'Accept without JSON and streams',
      406,
      '/mcp',
      {
        method: 'POST',
        headers: { ...JSON_HEADERS, Accept: 'text/html' },
        body: '{}',
      },
    ],
    [
      'another content type',
      415,
      '/mcp',
      {
        method: 'POST',
        headers: { Accept: both, 'Content-Type': 'text/plain' },
        body: '{}',
      },
    ],
  ])('%s: %s', async (_what, status, path, init) => {
    const { url } = await start();
    const response = await fetch(url(path), init);
    const { id, error } = await errorOf(response);
    expect([response.status, id, error.code]).toEqual([status, null, -32000]);
    if (status === 405) expect(response.headers.get('allow')).toContain('OPTIONS');
  });

  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  test.each<[what: string, code: number, body: unknown, id: unknown]>([
    ['broken JSON', -32700, '{"jsonrpc":', null],
    ['an empty body', -32700, '', null],
    ['JSON that is too deep', -32700, deep(257), null],
    [
      'a number that is none',
      -32700,
      '{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":[1e400]}}',
      null,
    ],
    ['bytes that are no UTF-8', -32700, Buffer.from([0x22, 0xff, 0x22]), null],
    ['an id beyond numbers', -32700, '{"jsonrpc":"2.0","id":-1e400,"method":"ping"}', null],
    ['an id that is too long', -32600, request('ping', {}, 'x'.repeat(513)), null],
    ['no message', -32600, { id: 5 }, 5],
    ['deep JSON that is none', -32600, deep(256), null],
    ['deep text in JSON', -32600, { text: '['.repeat(1_000) + '\\"' }, null],
  ])('%s: %s', async (_what, code, body, id) => {
    const { url } = await start();
    const answer = await errorOf(await post(url(), body));
    expect([answer.status, answer.error.code, answer.id]).toEqual([400, code, id]);
  });

  it('refuses a batch where there are none', async () => {
    const { url } = await start();
    const answer = await errorOf(
      await post(url(), [call], { 'MCP-Protocol-Version': '2026-07-28' }),
    );
    expect([answer.status, answer.error.code]).toEqual([400, -32600]);
  });

  it('refuses what is too large, said or not, and goes on', async () => {
    const { url, setPolicy } = await start();
    setPolicy(limits({ bodyBytes: 1_000 }));
    const large = request('tools/call', { name: 'echo', arguments: { text: 'x'.repeat(2_000) } });
    const answer = await post(url(), large);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([413, '1']);
    const parts = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 3; part += 1) controller.enqueue(Buffer.alloc(500, ' '));
        controller.close();
      },
    });
    const options = { method: 'POST', headers: JSON_HEADERS, body: parts, duplex: 'half' };
    expect((await fetch(url(), options as RequestInit)).status).toBe(413);
    expect((await post(url(), call)).status).toBe(200);
  });
});

describe('who may come in', () => {
  const keys = [
    { name: 'laptop', sha256: sha256('laptop-key-laptop') },
    { name: 'ci', sha256: sha256('ci-key-ci-key-ci'), profile: 'ci' },
  ];
  const ci = { Authorization: 'Bearer ci-key-ci-key-ci' };

  it('needs a key as soon as there is one', async () => {
    const { url, setPolicy, legacy } = await start();
    expect((await post(url(), call)).status).toBe(200);
    setPolicy({ keys });
    const without = await post(url(), call);
    expect(without.headers.get('www-authenticate')).toBe('Bearer realm="mainspring"');
    expect(await errorOf(without)).toMatchObject({
      ...{ status: 401, error: { data: { code: 'KEY_REQUIRED' } } },
    });
    const wrong = await post(url(), call, { Authorization: 'Bearer laptop-key-laptoq' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toContain('invalid_token');
    const ways: Record<string, string>[] = [
      { Authorization: 'Bearer laptop-key-laptop' },
      { authorization: 'bearer  laptop-key-laptop' },
      { 'X-API-Key': 'laptop-key-laptop' },
    ];
    for (const headers of ways) expect((await post(url(), call, headers)).status).toBe(200);
    expect(legacy.identities.map(({ principal }) => principal)).toEqual([
      ...['local:test', 'key:laptop', 'key:laptop', 'key:laptop'],
    ]);
  });

  test.each([
    ['/mcp', 200],
    ['/mcp/p/ci', 200],
    ['/mcp/p/dev', 403],
    ['/mcp/s/files', 403],
  ])('a key of a profile at %s: %s', async (path, status) => {
    const { url, setPolicy, legacy } = await start();
    setPolicy({ keys });
    expect((await post(url(path), call, ci)).status).toBe(status);
    for (const { scope } of legacy.identities)
      expect(scope).toEqual({ kind: 'profile', name: 'ci' });
  });

  it('lets in over the socket whom the folder lets reach it, without a key', async () => {
    const { front, setPolicy, legacy, url } = await start();
    const socketPath = path.join(folder(), 'api.sock');
    await front.listenOnSocket(socketPath);
    setPolicy({ keys });
    const body = JSON.stringify(call);
    const status = await new Promise((resolve, reject) => {
      const headers = { ...JSON_HEADERS, Host: 'localhost' };
      http
        .request({ socketPath, path: '/mcp/s/files', method: 'POST', headers }, (answer) =>
          resolve(answer.resume().statusCode),
        )
        .on('error', reject)
        .end(body);
    });
    expect(status).toBe(200);
    expect(legacy.identities).toMatchObject([{ principal: 'local:test' }]);
    expect((await post(url(), call)).status).toBe(401);
  });

  it('does not listen for everybody without keys', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({
      ...{ code: 'KEYS_MISSING', fix: expect.stringContaining('127.0.0.1') as string },
    });
  });

  it('closes when the last key has gone from a gateway for everybody', async () => {
    let policy = { keys, origins: [], hosts: [], ...limits({}) };
    const { url } = await start({ host: '0.0.0.0', policy: () => policy });
    expect((await post(url(), call, ci)).status).toBe(200);
    policy = { ...policy, keys: [] };
    expect((await post(url(), call, ci)).status).toBe(401);
    expect((await post(url(), call)).status).toBe(401);
  });

  it('refuses web pages of others, and tells allowed ones what they may', async () => {
    const { url, setPolicy } = await start();
    const origin = 'https://chat.example.com';
    const refused = await post(url(), call, { Origin: origin });
    expect(await errorOf(refused)).toMatchObject({
      ...{ status: 403, error: { data: { code: 'ACCESS_REFUSED' } } },
      error: { data: { fix: `Allow them in a config: "gateway": { "origins": ["${origin}"] }.` } },
    });
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    setPolicy({ origins: [origin], keys });
    const preflight = await fetch(url(), {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Headers': 'authorization,mcp-session-id' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      ...[204, 'authorization,mcp-session-id'],
    ]);
    const allowed = await post(url(), call, { Origin: origin, ...ci });
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(allowed.headers.get('access-control-expose-headers')).toContain('Mcp-Session-Id');
  });
});

describe('limits of a key', () => {
  it('bounds requests in flight, each key by itself', async () => {
    const { url, setPolicy, legacy, usage } = await start();
    const keys = ['one', 'two'].map((name) => ({ name, sha256: sha256(name) }));
    setPolicy({ keys, ...limits({ calls: 2 }) });
    const one = { 'X-API-Key': 'one' };
    const held = [post(url(), hold(1), one), post(url(), hold(2), one)];
    await until(() => legacy.held === 2);
    const third = await post(url(), call, one);
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await third.json()).toMatchObject({
      ...{ id: 1, error: { code: -32000, data: { code: 'GATEWAY_BUSY' } } },
    });
    const notification = { jsonrpc: '2.0', method: 'notifications/cancelled' };
    expect((await post(url(), notification, one)).status).toBe(202);
    expect((await post(url(), call, { 'X-API-Key': 'two' })).status).toBe(200);
    legacy.release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    await until(() => usage.total('requests') === 0);
    expect((await post(url(), call, one)).status).toBe(200);
  });

  it('bounds open streams, and counts them down when clients go', async () => {
    const { url, setPolicy, usage } = await start();
    setPolicy(limits({ streams: 1 }));
    const leave = new AbortController();
    const headers = { Accept: 'text/event-stream' };
    await fetch(url(), { headers, signal: leave.signal });
    expect((await fetch(url(), { headers })).status).toBe(429);
    leave.abort();
    await until(() => usage.total('streams') === 0);
    expect((await fetch(url(), { headers })).status).toBe(200);
  });

  it('lets a key have limits of its own', async () => {
    const { url, setPolicy, legacy } = await start();
    setPolicy({ keys: [{ name: 'one', sha256: sha256('one'), limits: { calls: 1 } }] });
    const one = { 'X-API-Key': 'one' };
    const held = post(url(), hold(1), one);
    await until(() => legacy.held === 1);
    expect((await post(url(), call, one)).status).toBe(429);
    legacy.release();
    await held;
  });
});

describe('the end', () => {
  it('tells the era of a client that has gone, whose request counts until it has ended', async () => {
    const { url, legacy, usage } = await start();
    const leave = new AbortController();
    const left = fetch(url(), {
      ...{ method: 'POST', headers: JSON_HEADERS, signal: leave.signal },
      body: JSON.stringify(hold(1)),
    });
    await until(() => legacy.held === 1);
    leave.abort();
    await expect(left).rejects.toThrow();
    await until(() => legacy.gone === 1);
    expect(usage.total('requests')).toBe(1);
    legacy.release();
    await until(() => usage.total('requests') === 0);
  });

  it('lets requests end and ends streams when it closes', async () => {
    const { url, legacy, front } = await start();
    const stream = await fetch(url(), { headers: { Accept: 'text/event-stream' } });
    const held = post(url(), hold(1));
    await until(() => legacy.held === 1);
    const closed = front.close(20_000);
    expect(await stream.text()).toContain('first');
    await expect(post(url(), call)).rejects.toThrow();
    legacy.release();
    expect((await held).status).toBe(200);
    await closed;
    expect(front.address).toBeUndefined();
  });

  it('ends what does not end by itself', async () => {
    const { url, legacy, front } = await start();
    const held = post(url(), hold(1));
    held.catch(() => undefined);
    await until(() => legacy.held === 1);
    await front.close(10);
    await expect(held).rejects.toThrow();
  });
});
