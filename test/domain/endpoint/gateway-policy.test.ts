import {
  admitsHost,
  admitsOrigin,
  isLoopback,
  listenProblem,
} from '../../../src/domain/endpoint/gateway-policy';

const here = '127.0.0.1';
const everywhere = '0.0.0.0';

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['[::1]', true],
  ['LocalHost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.2', false],
  ['127.0.0.1.evil.test', false],
  ['localhost.evil.test', false],
])('%s is this machine only: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

describe('hosts', () => {
  const hosts = ['mcp.example.com', 'gate:7420'];

  test.each([
    [here, 'localhost:7420', true],
    [here, 'localhost', true],
    [here, '127.0.0.1:7420', true],
    [here, '[::1]:7420', true],
    [here, 'LOCALHOST:1', true],
    [here, 'MCP.example.com', true],
    [here, 'mcp.example.com:443', true],
    [here, 'gate:7420', true],
    [here, 'gate:1', false],
    [here, 'evil.example.com', false],
    [here, 'evil.example.com:7420', false],
    [here, 'localhost.evil.test', false],
    [here, '127.0.0.1.nip.io', false],
    [here, '192.168.1.2:7420', false],
    [here, 'user@localhost', false],
    [here, 'localhost/x', false],
    [here, 'localhost:7420, evil.test', false],
    [here, '', false],
    [here, undefined, false],
    [everywhere, '192.168.1.2:7420', true],
    [everywhere, '[fe80::1]:7420', true],
    [everywhere, 'evil.example.com', false],
    [everywhere, 'localhost', true],
  ])('on %s, %s: %s', (listensOn, header, expected) => {
    expect(admitsHost({ hosts }, header, listensOn)).toBe(expected);
  });
});

describe('origins', () => {
  const origins = ['https://chat.example.com', 'vscode-webview://abc'];

  test.each([
    ['none', here, undefined, 'localhost:7420', true],
    ['a named one', here, 'https://chat.example.com', 'localhost:7420', true],
    ['a named one of another kind', here, 'vscode-webview://abc', 'localhost:7420', true],
    ['a page of this machine', here, 'http://localhost:3000', 'localhost:7420', true],
    ['a page of this machine by address', here, 'http://127.0.0.1:3000', 'localhost:7420', true],
    ['a page of this machine, IPv6', here, 'http://[::1]:3000', 'localhost:7420', true],
    ['itself', everywhere, 'http://10.0.0.1:7420', '10.0.0.1:7420', true],
    ['their machine', everywhere, 'http://localhost:3000', '10.0.0.1:7420', false],
    ['anybody', here, 'http://evil.example.com', 'localhost:7420', false],
    ['a name that begins well', here, 'http://localhost.evil.test', 'localhost:7420', false],
    ['a named one with a port', here, 'https://chat.example.com:8443', 'localhost:7420', false],
    ['a named one without TLS', here, 'http://chat.example.com', 'localhost:7420', false],
    ['a file or a sandbox', here, 'null', 'localhost:7420', false],
    ['an extension', here, 'chrome-extension://abc', 'localhost:7420', false],
    ['nothing', here, '', 'localhost:7420', false],
  ])('%s on %s', (_what, listensOn, origin, host, expected) => {
    expect(admitsOrigin({ origins }, origin, host, listensOn)).toBe(expected);
  });

  test('a star is everybody', () => {
    expect(admitsOrigin({ origins: ['*'] }, 'null', 'localhost', here)).toBe(true);
  });
});

test('without keys it listens for this machine only', () => {
  const keys = [{ name: 'a', sha256: '00' }];
  expect(listenProblem({ keys: [] }, here)).toBeUndefined();
  expect(listenProblem({ keys }, everywhere)).toBeUndefined();
  expect(listenProblem({ keys: [] }, everywhere)).toContain('no keys are configured');
});
