import { routeOf } from '../../../src/gateway/http/route';

const all = { kind: 'all' };
const profile = { kind: 'profile', name: 'dev' };
const server = { kind: 'server', name: 'files' };

test.each([
  ['/mcp', 'streamable', all],
  ['/mcp/', 'streamable', all],
  ['/mcp?x=1', 'streamable', all],
  ['/mcp/p/dev', 'streamable', profile],
  ['/mcp/s/files', 'streamable', server],
  ['/mcp/s/files/?a=/mcp', 'streamable', server],
  ['/mcp/ws', 'websocket', all],
  ['/mcp/p/dev/ws', 'websocket', profile],
  ['/mcp/s/files/ws', 'websocket', server],
  ['/mcp/s/ws', 'streamable', { kind: 'server', name: 'ws' }],
  ['/sse', 'sse', all],
  ['/mcp/sse', 'sse', all],
  ['/mcp/s/files/sse', 'sse', server],
  ['/messages?sessionId=1', 'messages', all],
  ['/mcp/p/dev/messages', 'messages', profile],
])('%s', (url, kind, scope) => {
  expect(routeOf(url)).toEqual({ kind, scope });
});

test('/health has no scope', () => {
  expect(routeOf('/health')).toEqual({ kind: 'health' });
});

test.each([
  ...['/', '', '*', '/MCP', '//mcp', '/mcp//', '/mcp/p', '/mcp/p/', '/mcp/s/a b', '/mcp/s/..'],
  ...['/mcp/s/%2e%2e', '/mcp/s/files/x', '/mcp/s/files/ws/x', '/mcp/x', '/health/x', '/sse/x'],
  ...['http://localhost/mcp', 'localhost:443', '/mcp/q/dev', '/messages/1'],
])('%s is no address', (url) => {
  expect(routeOf(url)).toBeUndefined();
});
