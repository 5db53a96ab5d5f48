import { proxyOf, shownProxy } from '../../src/net/proxy';

const PROXY = 'http://proxy.corp:3128';
const env = { HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: PROXY };
const through = (url: string, settings: Record<string, string> = env) => {
  const proxy = proxyOf(new URL(url), settings);
  return proxy && shownProxy(proxy);
};

test.each<[string, string | undefined]>([
  ['https://example.com/mcp', PROXY],
  ['wss://example.com/mcp', PROXY],
  ['http://example.com/mcp', 'http://plain:1'],
  ['ws://example.com/mcp', 'http://plain:1'],
  ['http://localhost:8080/mcp', undefined],
  ['http://127.0.0.1:8080/mcp', undefined],
  ['http://127.9.9.9/mcp', undefined],
  ['http://[::1]/mcp', undefined],
])('%s goes through %s', (url, expected) => expect(through(url)).toBe(expected));

test.each<[string, string, boolean]>([
  ['example.com', 'https://example.com/', true],
  ['example.com', 'https://mcp.example.com/', true],
  ['.example.com', 'https://mcp.example.com/', true],
  ['*.example.com', 'https://mcp.example.com/', true],
  ['example.com', 'https://badexample.com/', false],
  ['example.com:443', 'https://example.com/', true],
  ['example.com:8443', 'https://example.com/', false],
  ['a.test, example.com', 'https://example.com/', true],
  ['EXAMPLE.com', 'https://example.COM/', true],
  ['*', 'https://example.com/', true],
  ['10.0.0.7', 'http://10.0.0.7:99/', true],
  ['fd00::7', 'http://[fd00::7]/', true],
  ['[fd00::7]:99', 'http://[fd00::7]:99/', true],
  ['', 'https://example.com/', false],
])('NO_PROXY %j excepts %s: %s', (NO_PROXY, url, expected) => {
  expect(through(url, { ...env, NO_PROXY }) === undefined).toBe(expected);
});

test('lower-case names win, one for plain HTTP serves for TLS, and a scheme may be missing', () => {
  const lower = { http_proxy: 'lower:1', HTTP_PROXY: 'http://upper:1' };
  expect(through('https://example.com', lower)).toBe('http://lower:1');
  expect(through('https://example.com', {})).toBeUndefined();
});

test('does not show credentials', () => {
  expect(shownProxy(new URL('http://me:secret@proxy.corp:3128'))).toBe(PROXY);
});
