import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createGuardedFetch, type GuardedFetch, isSecure } from '../../src/oauth/guarded-fetch';

const opened: GuardedFetch[] = [];
let base: string;

const server = createServer((request, response) => {
  const [, kind, rest = ''] = /^\/([a-z]+)\/?(.*)$/.exec(request.url ?? '') ?? [];
  if (kind === 'to') response.writeHead(302, { location: decodeURIComponent(rest) }).end();
  else if (kind === 'large') response.end(Buffer.alloc(2 * 1024 * 1024));
  else if (kind === 'deep') response.end('['.repeat(10_000) + ']'.repeat(10_000));
  else if (kind === 'endless') response.writeHead(401, { 'www-authenticate': 'x' }).write('more');
  else response.end(`${request.method} ok`);
});

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await Promise.all(opened.map((guarded) => guarded.close()));
  server.closeAllConnections();
  server.close();
});

async function guardedBy(url: string): Promise<GuardedFetch> {
  const guarded = await createGuardedFetch(new URL(url));
  opened.push(guarded);
  return guarded;
}

test('a server on this machine may name another one on it, without TLS', async () => {
  const { fetch } = await guardedBy(base);
  expect(await (await fetch(`${base}/x`)).text()).toBe('GET ok');
  const body = new URLSearchParams({ a: 'b' });
  expect(await (await fetch(`${base}/x`, { method: 'POST', body })).text()).toBe('POST ok');
});

test('a public server leads neither to this machine, nor to private networks, nor to the metadata of a cloud', async () => {
  const { fetch } = await guardedBy('https://93.184.216.34/mcp');
  await expect(fetch(`${base}/x`)).rejects.toThrow('is a loopback address');
  await expect(fetch('https://10.0.0.1/x')).rejects.toThrow('is a private address');
  await expect(fetch('https://[::ffff:a9fe:a9fe]/x')).rejects.toThrow('address');
  // What a name leads to is checked when it is connected to.
  await expect(fetch('https://localhost/x')).rejects.toThrow('is a loopback address');
});

test('only https, elsewhere than on this machine', async () => {
  const { fetch } = await guardedBy(base);
  await expect(fetch('http://93.184.216.34/x')).rejects.toThrow('is not https');
  await expect(fetch('ftp://127.0.0.1/x')).rejects.toThrow('is not https');
});

test('redirects stay within their origin', async () => {
  const { fetch } = await guardedBy(base);
  expect(await (await fetch(`${base}/to/${encodeURIComponent('/x')}`)).text()).toBe('GET ok');
  const away = encodeURIComponent('http://127.0.0.1:1/x');
  await expect(fetch(`${base}/to/${away}`)).rejects.toThrow('redirects to http://127.0.0.1:1');
  const posted = fetch(`${base}/to/${encodeURIComponent('/x')}`, { method: 'POST' });
  await expect(posted).rejects.toThrow('redirects');
  const twice = encodeURIComponent('/to/%2Fx');
  expect(await (await fetch(`${base}/to/${twice}`)).text()).toBe('GET ok');
});

test('an answer has a limit, and where only headers count the rest is not waited for', async () => {
  const { fetch, headersOf } = await guardedBy(base);
  await expect(fetch(`${base}/large`)).rejects.toThrow(`${base}/large has more than`);
  await expect(fetch(`${base}/deep`)).rejects.toThrow(`${base}/deep is nested more than`);
  const { status, headers } = await headersOf(new URL(`${base}/endless`), {});
  expect([status, headers.get('www-authenticate')]).toEqual([401, 'x']);
});

test.each([
  ['https://example.com/mcp', true],
  ['wss://example.com/mcp', true],
  ['http://localhost:3000/mcp', true],
  ['http://127.0.0.1/mcp', true],
  ['ws://[::1]/mcp', true],
  ['http://example.com/mcp', false],
  ['http://10.0.0.1/mcp', false],
  ['http://localhost.example.com/', false],
])('a token may go to %s: %s', (url, expected) => {
  expect(isSecure(new URL(url))).toBe(expected);
});
