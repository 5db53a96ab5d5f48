import { once } from 'node:events';
import net from 'node:net';
import { JSON_HEADERS, limits, post, raw, request, until, useFronts } from './front-harness';

const start = useFronts();
const call = request('tools/call', { name: 'echo', arguments: {} });
const body = JSON.stringify(call);

/** Short enough for a test. */
const timeouts = { headers: 200, request: 400, check: 50 };

const head = (lines: readonly string[], method = 'POST') =>
  [`${method} /mcp HTTP/1.1`, ...lines, '', ''].join('\r\n');
const usual = [
  'Host: localhost',
  ...Object.entries(JSON_HEADERS).map(([name, value]) => `${name}: ${value}`),
];

describe('clients that are slow or broken', () => {
  it.each([
    ['headers that never end', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\n'],
    ['a body that never ends', head([...usual, 'Content-Length: 100']) + '{"a"'],
    ['chunks that never end', head([...usual, 'Transfer-Encoding: chunked']) + '5\r\n{"a":\r\n'],
  ])('ends %s', async (_what, text) => {
    const { port, url } = await start({ timeouts });
    expect(await raw(port, text)).toMatch(/^HTTP\/1.1 408 /);
    expect((await post(url(), call)).status).toBe(200);
  });

  it('ends headers that come byte by byte', async () => {
    const { port } = await start({ timeouts });
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write('POST /mcp HTTP/1.1\r\nX-Slow: ');
    const drip = setInterval(() => socket.write('x'), 20);
    await once(socket.resume(), 'close');
    clearInterval(drip);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a header without a name', 'GET /mcp HTTP/1.1\r\n: x\r\n\r\n', 400],
    ['two lengths', head([...usual, 'Content-Length: 5', 'Content-Length: 6']), 400],
    [
      'a length and chunks',
      head([...usual, 'Content-Length: 5', 'Transfer-Encoding: chunked']),
      400,
    ],
    ['a broken chunk', head([...usual, 'Transfer-Encoding: chunked']) + 'zz\r\n', 400],
    ['no host', head(['Connection: close'], 'GET'), 400],
    ['too many bytes of headers', head([...usual, `X-Large: ${'x'.repeat(20_000)}`]), 431],
    ['a foreign host', head(['Host: evil.test', 'Connection: close'], 'GET'), 403],
    ['a proxy request', 'CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\n\r\n', undefined],
  ])('refuses %s', async (_what, text, status) => {
    const { port, url } = await start({ timeouts });
    const answer = await raw(port, text);
    if (status === undefined) expect(answer).toBe('');
    else expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await post(url(), call)).status).toBe(200);
  });

  it('answers to several requests at once, in their order', async () => {
    const { port } = await start();
    const one = (id: number) => {
      const text = JSON.stringify(request('tools/call', { name: 'echo' }, id));
      const close = id === 3 ? ['Connection: close'] : [];
      return head([...usual, ...close, `Content-Length: ${text.length}`]) + text;
    };
    const answer = await raw(port, one(1) + one(2) + one(3));
    expect([...answer.matchAll(/"id":(\d)/g)].map(([, id]) => id)).toEqual(['1', '2', '3']);
  });

  it('serves who asks for HTTP/2, as Java does, with what it has', async () => {
    const { port } = await start();
    const upgrade = [
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAA',
      'Connection: Upgrade, HTTP2-Settings',
    ];
    const text = head([...usual, ...upgrade, `Content-Length: ${body.length}`]) + body;
    const socket = net.connect(port, '127.0.0.1').setEncoding('utf8');
    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [string];
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    socket.write(head([...usual, `Content-Length: ${body.length}`]) + body);
    const [second] = (await once(socket, 'data')) as [string];
    expect(second).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  });

  it.each(['h2c', 'websocket'])(
    'is not hurt by one that asks for %s and goes',
    async (protocol) => {
      const { port, url } = await start();
      const upgrade = [`Upgrade: ${protocol}`, 'Connection: Upgrade', 'Content-Length: 100'];
      for (const end of ['end', 'resetAndDestroy', 'destroy'] as const) {
        const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(head([...usual, ...upgrade]) + '{"a"');
        socket[end]();
        await once(socket.resume(), 'close');
      }
      expect((await post(url(), call)).status).toBe(200);
    },
  );

  it('is not hurt by a client that closes its half at once', async () => {
    const { port, usage, legacy } = await start();
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    const closed = once(socket.resume(), 'close');
    const text = JSON.stringify(request('tools/call', { name: 'hold' }));
    socket.end(head([...usual, `Content-Length: ${text.length}`]) + text);
    await until(() => legacy.held === 1);
    await closed;
    legacy.release();
    await until(() => usage.total('requests') === 0);
  });
});

describe('many clients', () => {
  it('forgets 200 that vanish in the middle of calls and streams', async () => {
    const { port, usage, legacy, url } = await start();
    const text = JSON.stringify(request('tools/call', { name: 'never' }));
    const posts = head([...usual, `Content-Length: ${text.length}`]) + text;
    const sockets = Array.from({ length: 200 }, (_, index) => {
      const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
      const get = index % 4 === 0 ? head(usual, 'GET').replace('/mcp', '/sse') : head(usual, 'GET');
      socket.write(index % 2 === 0 ? get : posts);
      return socket;
    });
    await until(() => usage.total('requests') === 100 && usage.total('streams') === 100);
    for (const [index, socket] of sockets.entries()) {
      if (index % 3 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    await until(() => usage.total('streams') === 0);
    expect(legacy.gone).toBeGreaterThanOrEqual(150);
    expect(legacy.outlets.size).toBe(0);
    expect((await post(url(), call)).status).toBe(200);
  });

  it('has no more connections than it may', async () => {
    const { port, url, setPolicy } = await start();
    setPolicy(limits({ connections: 3 }));
    const open = () => net.connect(port, '127.0.0.1').on('error', () => undefined);
    const first = [open(), open(), open()];
    await Promise.all(first.map((socket) => once(socket, 'connect')));
    await once(open().resume(), 'close');
    for (const socket of first) socket.destroy();
    await Promise.all(first.map((socket) => once(socket, 'close')));
    expect((await post(url(), call)).status).toBe(200);
  });

  it('cuts off who does not read a stream, and nobody else', async () => {
    const { port, legacy, setPolicy } = await start();
    setPolicy(limits({ bufferBytes: 100_000 }));
    const open = () => {
      const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write(head(usual, 'GET').replace('/mcp', '/sse'));
      return socket;
    };
    const reader = open().setEncoding('utf8');
    let read = '';
    reader.on('data', (chunk) => (read += String(chunk)));
    const idler = open().pause();
    await until(() => legacy.outlets.size === 2);
    const text = 'x'.repeat(200_000);
    const outlets = [...legacy.outlets];
    for (let number = 1; legacy.outlets.size === 2; number += 1) {
      for (const outlet of outlets) {
        outlet.send({ jsonrpc: '2.0', method: 'notifications/message', params: { number, text } });
      }
      await until(() => reader.destroyed || read.includes(`"number":${number},`));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(legacy.outlets.size).toBe(1);
    expect(reader.destroyed).toBe(false);
    reader.destroy();
    idler.destroy();
  });
});
