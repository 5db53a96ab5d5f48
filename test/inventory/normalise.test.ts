import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { specOf } from '../../src/inventory/normalise';
import { checkServerName } from '../../src/inventory/fields/server-name';
import { warningsOf } from '../../src/inventory/config/warnings';

const spec = (entry: ServerEntry) => specOf('github', { entry, baseDir: '/base' });

it('fills in every default', () => {
  expect(spec({ command: 'npx' })).toEqual({
    name: 'github',
    type: 'stdio',
    process: { command: 'npx', args: [], env: {}, cwd: '/base' },
    timeouts: { startMs: 30_000, callMs: 60_000, stopMs: 5_000, queueMs: 30_000, hostMs: 5_000 },
    restart: {
      policy: 'always',
      maxRestarts: 5,
      windowMs: 60_000,
      initialDelayMs: 100,
      maxDelayMs: 30_000,
      jitter: 0.2,
      stableAfterMs: 10_000,
    },
    limits: { messageBytes: 16 * 1024 * 1024, concurrentCalls: 100 },
    retry: { tools: [], trustAnnotations: false, maxAttempts: 3 },
    tags: [],
    overlap: false,
    protocol: 'auto',
    enabled: true,
    autostart: true,
  });
});

it('converts given values to milliseconds', () => {
  const given = spec({
    command: 'npx',
    timeouts: { start: '2m', stop: 0 },
    restart: { policy: 'never', window: '1h', jitter: 0 },
    limits: { concurrentCalls: 1 },
    retry: { tools: ['read'] },
    tags: ['a', 'b', 'a'],
    autostart: false,
  });
  expect(given.timeouts).toMatchObject({ startMs: 120_000, stopMs: 0, callMs: 60_000 });
  expect(given.restart).toMatchObject({ policy: 'never', windowMs: 3_600_000, jitter: 0 });
  expect(given.limits).toEqual({ messageBytes: 16 * 1024 * 1024, concurrentCalls: 1 });
  expect(given.retry).toMatchObject({ tools: ['read'], maxAttempts: 3 });
  expect(given.tags).toEqual(['a', 'b']);
  expect(given.autostart).toBe(false);
});

it.each<[ServerEntry, string]>([
  [{ command: 'npx' }, 'stdio'],
  [{ url: 'https://x/mcp' }, 'http'],
  [{ url: 'https://x/mcp', type: 'streamable-http' }, 'http'],
  [{ url: 'https://x/sse' }, 'sse'],
  [{ url: 'https://x/sse/?a=b' }, 'sse'],
  [{ url: 'https://x/sse', type: 'http' }, 'http'],
  [{ url: 'https://x/assess' }, 'http'],
  [{ url: 'ws://x' }, 'websocket'],
  [{ url: 'WSS://x' }, 'websocket'],
  [{ url: 'wss://x', type: 'ws' }, 'websocket'],
  [{ url: '${URL}', type: 'websocket' }, 'websocket'],
  [{ url: '${URL}' }, 'http'],
  [{ command: 'node', url: 'http://127.0.0.1:3000/mcp' }, 'http'],
])('detects the type of %j', (entry, type) => {
  expect(spec(entry).type).toBe(type);
});

it('starts a process for a command with a URL', () => {
  expect(spec({ command: 'node', url: 'http://127.0.0.1:3000/mcp' })).toMatchObject({
    process: { command: 'node' },
    remote: { url: 'http://127.0.0.1:3000/mcp', headers: {} },
  });
  expect(spec({ url: 'https://x' })).not.toHaveProperty('process');
});

it.each([
  ['node', 'node'],
  ['./bin/server', '/base/bin/server'],
  ['../server', '/server'],
  ['/usr/bin/node', '/usr/bin/node'],
  ['${HOME}/bin/server', '${HOME}/bin/server'],
])('resolves the command %j to %j', (command, resolved) => {
  expect(spec({ command })).toMatchObject({ process: { command: resolved } });
});

it('resolves cwd and file references against the base directory, and leaves references as text', () => {
  const entry: ServerEntry = {
    command: 'x',
    cwd: 'sub',
    args: ['${file:key.txt}', '${A:-b}', '$HOME', './left-alone'],
    env: { T: 'a ${file:/abs/key}' },
  };
  expect(spec(entry)).toMatchObject({
    process: {
      cwd: '/base/sub',
      args: ['${file:/base/key.txt}', '${A:-b}', '$HOME', './left-alone'],
      env: { T: 'a ${file:/abs/key}' },
    },
  });
  expect(spec({ command: 'x', cwd: '${DIR}' })).toMatchObject({ process: { cwd: '${DIR}' } });
});

it("understands other programs' `disabled`", () => {
  expect(spec({ command: 'x', disabled: true }).enabled).toBe(false);
  expect(spec({ command: 'x', disabled: false }).enabled).toBe(true);
  expect(spec({ command: 'x', enabled: false }).enabled).toBe(false);
});

it.each([
  ['', 'A server name must not be empty.'],
  ['a'.repeat(65), 'A server name can have at most 64 characters; this one has 65'],
  ['a/b', 'The server name "a/b" contains "/".'],
  ['grün', 'The server name "grün" contains "ü".'],
  ['a\n', 'The server name "a\\n" contains "\\n".'],
  ['-a', 'The server name "-a" starts with "-".'],
])('refuses the name %j with the reason', (name, message) => {
  expect(() => checkServerName(name)).toThrow(message);
});

it.each(['a', '7zip', 'a'.repeat(64), 'my_server-2'])('takes the name %j', (name) => {
  expect(() => checkServerName(name)).not.toThrow();
});

describe('warnings', () => {
  it.each<[ServerEntry, string[]]>([
    [{ command: 'x', args: ['--token=abc'] }, ['args[0]']],
    [{ command: 'x', args: ['--api-key', 'abc', 'other'] }, ['args[1]']],
    [{ command: 'x', args: ['ghp_0123456789abcdefghij'] }, ['args[0]']],
    [{ command: 'x', args: ['--key=sk-0123456789abcdefghij'] }, ['args[0]']],
    [{ command: 'x', env: { GITHUB_TOKEN: 'abc' } }, ['env.GITHUB_TOKEN']],
    [{ url: 'https://x', headers: { Authorization: 'Bearer abc' } }, ['headers.Authorization']],
    [{ command: 'x', args: ['postgresql://me:abc@localhost/db'] }, ['args[0]']],
    [{ command: 'x', args: ['--url=redis://:abc@localhost:6379'] }, ['args[0]']],
    [{ command: 'x', env: { DATABASE_URL: 'postgres://me:abc@db' } }, ['env.DATABASE_URL']],
    [{ url: 'https://x/mcp?region=eu&api_key=abc' }, ['url']],
  ])('name a literal secret in %j, without its value', (entry, fields) => {
    const warnings = warningsOf(entry);
    expect(warnings.map((warning) => warning.split(':')[0])).toEqual(fields);
    expect(warnings.join()).not.toMatch(/abc|0123/);
  });

  it.each<ServerEntry>([
    { command: 'x', args: ['--token=${TOKEN}', '--api-key', '${KEY}', '--token', '--verbose'] },
    { command: 'x', args: ['task-runner', '--tokens=5', '--max', '5'], env: { LANG: 'C' } },
    { url: 'https://x', headers: { Authorization: 'Bearer ${T}' } },
    { command: 'x', args: ['postgresql://me:${PGPASSWORD}@localhost/db', 'ssh://git@host:22/a@b'] },
    { url: 'https://x:8080/@me/mcp?api_key=${KEY}&page=1' },
  ])('are absent for %j', (entry) => {
    expect(warningsOf(entry)).toEqual([]);
  });

  it('name invalid references and members without effect', () => {
    expect(
      warningsOf({ command: 'x', args: ['${command:key}', '${a'], headers: { A: 'b' } }),
    ).toEqual([
      expect.stringContaining('args[0]: ${command:key} is passed on unchanged'),
      expect.stringContaining('args[1]: ${a is passed on unchanged'),
      'headers have no effect without a url',
    ]);
    expect(warningsOf({ command: 'npx -y some-server' })).toEqual([
      'command: expected a single program; put its arguments in args',
    ]);
    expect(warningsOf({ command: '/opt/My Tools/server' })).toEqual([]);
    expect(warningsOf({ url: 'http://x', env: { A: 'b' } })).toEqual([
      'args, env and cwd have no effect without a command',
    ]);
  });
});

describe('types that name a runtime, and bundles', () => {
  it.each<[ServerEntry, object]>([
    [
      { type: 'nodejs', command: 'node' },
      { type: 'stdio', process: { command: 'node' } },
    ],
    [
      { type: 'python', command: 'python' },
      { type: 'stdio', process: { command: 'python' } },
    ],
    [
      { type: 'docker', command: 'docker' },
      { type: 'stdio', process: { command: 'docker' } },
    ],
    [
      { type: 'nodejs', command: 'node', url: 'http://127.0.0.1:1/mcp' },
      { type: 'http', process: { command: 'node' } },
    ],
    [{ mcpb: 'a.mcpb' }, { type: 'stdio', process: { command: 'mcpb' } }],
  ])('%j', (entry, expected) => {
    expect(spec(entry)).toMatchObject(expected);
  });

  it.each<[ServerEntry, string]>([
    [{ type: 'nodejs' }, 'missing command: its type is "nodejs"'],
    [{ type: 'stdio', url: 'http://a/mcp' }, 'missing command: its type is "stdio"'],
    [{ mcpb: 'a.mcpb', command: 'x' }, 'expected either mcpb or a command, not both'],
  ])('refuses %j', (entry, problem) => {
    expect(() => spec(entry)).toThrow(problem);
  });
});

it.each([
  ['~/.bun/bin/bunx', '${HOME}/.bun/bin/bunx'],
  ['$HOME/bin/x', '${HOME}/bin/x'],
  ['${HOME}/bin/x', '${HOME}/bin/x'],
  ['./~/x', '/srv/~/x'],
])('expands the home folder of the host in %s', (command, expected) => {
  const spec = specOf('a', { entry: { command, cwd: '~' }, baseDir: '/srv' });
  expect(spec.process).toMatchObject({ command: expected, cwd: '${HOME}' });
});
