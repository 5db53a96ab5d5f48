import { type HealthCheck, type HealthSpec } from '../../../src/domain/health/health';
import { entrySchema, type ServerEntry } from '../../../src/inventory/config/config-schema';
import { specOf } from '../../../src/inventory/normalise';

const healthOf = (entry: ServerEntry) => specOf('files', { entry, baseDir: '/base' }).health;
const url = 'https://example.com/mcp';
const ours: HealthCheck[] = [{ kind: 'ping' }, { kind: 'tools' }, { kind: 'process' }];
const remotes: HealthCheck[] = [{ kind: 'ping' }, { kind: 'tools' }];

it('reads checks with paths relative to the config', () => {
  const health: ServerEntry['health'] = {
    interval: '10s',
    checks: [
      { kind: 'tool', tool: 'echo', timeout: '2s', slow: '1s' },
      { kind: 'command', command: './check.sh' },
      { kind: 'command', command: 'curl', args: ['-f', 'x'], name: 'other' },
      { kind: 'module', path: 'check.mjs', advisory: true },
    ],
    thresholds: { restart: 0 },
  };
  expect(healthOf({ command: 'x', health })).toEqual({
    intervalMs: 10_000,
    checks: [
      { kind: 'tool', tool: 'echo', arguments: {}, timeoutMs: 2_000, slowMs: 1_000 },
      { kind: 'command', command: '/base/check.sh', args: [] },
      { kind: 'command', command: 'curl', args: ['-f', 'x'], name: 'other' },
      { kind: 'module', path: '/base/check.mjs', advisory: true },
    ],
    thresholds: { restart: 0 },
  });
});

it.each<[string, ServerEntry, HealthSpec | undefined]>([
  ['nothing', { command: 'x' }, undefined],
  [
    'a port and a path, which only advise about a server on stdio',
    {
      command: 'x',
      healthCheck: { endpoint: '/health', port: 3000, interval: '30s', timeout: 5000 },
    },
    {
      intervalMs: 30_000,
      checks: [
        ...ours,
        { kind: 'http', url: '/health', port: 3000, timeoutMs: 5_000, advisory: true },
      ],
    },
  ],
  [
    'a list, with the shortest interval',
    {
      command: 'x',
      healthCheck: [
        { name: 'live', endpoint: 'live', port: 1, interval: '10s' },
        { name: 'ready', port: 2, interval: '5s' },
      ],
    },
    {
      intervalMs: 5_000,
      checks: [
        ...ours,
        { kind: 'http', name: 'live', url: '/live', port: 1, advisory: true },
        { kind: 'http', name: 'ready', port: 2, advisory: true },
      ],
    },
  ],
  [
    'a path of a remote server, in place of its URL',
    { url, healthCheck: { endpoint: '/health' } },
    { checks: [...remotes, { kind: 'http', url: '/health' }] },
  ],
  [
    'no place at all',
    { command: 'x', healthCheck: { endpoint: '/health', interval: '1m' } },
    { intervalMs: 60_000, checks: ours },
  ],
  [
    'something beside an interval of ours',
    { url, health: { interval: '7s' }, healthCheck: { interval: '1m', port: 80 } },
    { intervalMs: 7_000, checks: [...remotes, { kind: 'http', port: 80 }] },
  ],
  [
    'something beside checks of ours',
    { url, health: { checks: [{ kind: 'ping' }] }, healthCheck: { port: 80 } },
    { checks: [{ kind: 'ping' }] },
  ],
])('supports a healthCheck of other programs with %s', (_name, entry, expected) => {
  expect(healthOf(entry)).toEqual(expected);
});

it.each<[ServerEntry, string | undefined]>([
  [{ command: 'x', health: { checks: [{ kind: 'http', port: 80, url: '/health' }] } }, undefined],
  [{ command: 'x', health: { checks: [{ kind: 'http', url }] } }, undefined],
  [{ url, health: { checks: [{ kind: 'http', url: '/health' }] } }, undefined],
  [
    { command: 'x', health: { checks: [{ kind: 'ping' }, { kind: 'http', url: '/health' }] } },
    'health.checks.1: expected a "url" or a "port", because the server has no URL',
  ],
  [
    { url, health: { checks: [{ kind: 'http', url: 'health' }] } },
    'health.checks.0.url: expected an http URL, or a path that starts with "/"',
  ],
])('requires an address for an http check in %j', (entry, expected) => {
  const [issue] = entrySchema.safeParse(entry).error?.issues ?? [];
  expect(issue && `${issue.path.join('.')}: ${issue.message}`).toBe(expected);
});
