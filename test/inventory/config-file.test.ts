import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type MainspringError } from '../../src/domain/errors';
import { checkEntry } from '../../src/inventory/check-entry';
import { readConfigFile } from '../../src/inventory/config-file';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();

async function write(text: string): Promise<string> {
  const file = path.join(folder(), 'servers.json');
  await writeFile(file, text);
  return file;
}

/** The error lines for one entry `github` that is given as JSON text, without the name of the file. */
async function problemsOf(entry: string): Promise<string[]> {
  const file = await write(`{ "mcpServers": {\n  "github": ${entry}\n} }`);
  const error = await readConfigFile(file).then(
    () => undefined,
    (thrown: MainspringError) => thrown,
  );
  if (!error) return [];
  expect(error.code).toBe('INVALID_CONFIG');
  return error.message.split('\n').map((line) => line.replace(`${file}:`, ''));
}

it('reads entries as they are written, with comments, trailing commas and a byte order mark', async () => {
  const file = await write(`\uFEFF{
  // mine
  "theme": "dark",
  "mcpServers": {
    "files": { "command": "npx", "args": ["-y", "files"], "timeouts": { "start": "2m" }, },
    "web":
      { "url": "https://example.com/mcp" },
  },
}`);
  const config = await readConfigFile(path.relative(process.cwd(), file));
  expect(config).toEqual({
    alerts: [],
    profiles: {},
    unread: 'not read: theme',
    file,
    baseDir: folder(),
    entries: [
      {
        name: 'files',
        entry: { command: 'npx', args: ['-y', 'files'], timeouts: { start: '2m' } },
        origin: { file, line: 5 },
        dialect: 'mcpServers',
        warnings: [],
      },
      {
        name: 'web',
        entry: { url: 'https://example.com/mcp' },
        origin: { file, line: 6 },
        dialect: 'mcpServers',
        warnings: [],
      },
    ],
  });
});

it('takes every member that is documented', async () => {
  const entry = `{
    "type": "http", "command": "node", "args": ["server.js"], "env": {"A": "\${A}"}, "cwd": "x",
    "url": "http://127.0.0.1:\${PORT}/mcp", "headers": {"Authorization": "Bearer \${T}"},
    "timeouts": {"start": "1m", "call": 5000, "stop": "0s", "queue": "1h", "host": "10s"},
    "restart": {"policy": "on-failure", "maxRestarts": 3, "window": "1m", "initialDelay": "100ms",
      "maxDelay": "30s", "jitter": 0.5, "stableAfter": "10s"},
    "limits": {"messageBytes": 1048576, "concurrentCalls": 4},
    "retry": {"tools": ["read"], "trustAnnotations": true, "maxAttempts": 2},
    "tags": ["a"], "overlap": true, "protocol": "modern", "enabled": true, "autostart": false,
    "meta": {"owner": "me", "any": [1, null, {"b": false}]}
  }`;
  expect(await problemsOf(entry)).toEqual([]);
});

it.each([
  ['{}', '2: mcpServers.github: missing command or url'],
  ['{"command": ""}', '2: mcpServers.github.command: expected text, got an empty string'],
  ['{"command": 3}', '2: mcpServers.github.command: expected text, got 3'],
  [
    '{"command": "a\\u0000b"}',
    '2: mcpServers.github.command: expected text without NUL characters',
  ],
  ['"npx"', '2: mcpServers.github: expected an object, got "npx"'],
  [
    '{"type": "stdio", "url": "http://a"}',
    '2: mcpServers.github: missing command: its type is "stdio"',
  ],
  ['{"type": "sse", "command": "a"}', '2: mcpServers.github: missing url: its type is "sse"'],
  [
    '{"command": "a",\n"type": "stdi"}',
    '3: mcpServers.github.type: expected "stdio" or "http" or "streamable-http" or "sse" or "websocket" or "ws" or "nodejs" or "python" or "docker", got "stdi"; did you mean "stdio"?',
  ],
  [
    '{"type": "ws", "url": "https://x/?token=geheim"}',
    '2: mcpServers.github.url: expected a URL that starts with ws:// or wss://, got https://',
  ],
  [
    '{"url": "example.com/geheim"}',
    '2: mcpServers.github.url: expected a URL that starts with http:// or https://, got one without a scheme',
  ],
  [
    '{"url": "file:///etc/passwd"}',
    '2: mcpServers.github.url: expected a URL that starts with http:// or https://, got file://',
  ],
  [
    '{"url": "http://["}',
    '2: mcpServers.github.url: expected a URL that starts with http:// or https://, got one that is not valid',
  ],
  ['{"comand": "npx"}', '2: mcpServers.github.comand: unknown member; did you mean "command"?'],
  ['{"command": "a", "xyzzy": 1}', '2: mcpServers.github.xyzzy: unknown member'],
  [
    '{"command": "a",\n"timeouts": {\n"strat": 1}}',
    '4: mcpServers.github.timeouts.strat: unknown member; did you mean "start"?',
  ],
  [
    '{"command": "a", "timeouts": {"start": true}}',
    '2: mcpServers.github.timeouts.start: expected a duration such as "30s", got true',
  ],
  [
    '{"command": "a", "timeouts": {"start": "30"}}',
    '2: mcpServers.github.timeouts.start: expected a duration such as "30s", got "30"',
  ],
  [
    '{"command": "a", "timeouts": {"start": 0}}',
    '2: mcpServers.github.timeouts.start: expected a duration from 1 to 2147483647 ms, got 0',
  ],
  [
    '{"command": "a", "timeouts": {"host": "1s"}}',
    '2: mcpServers.github.timeouts.host: expected a duration from 2000 to 2147483647 ms, got "1s"',
  ],
  [
    '{"command": "a", "timeouts": {"call": "25h"}}',
    '2: mcpServers.github.timeouts.call: expected a duration from 1 to 86400000 ms, got "25h"',
  ],
  [
    '{"command": "a", "restart": {"jitter": 2}}',
    '2: mcpServers.github.restart.jitter: expected a number from 0 to 1, got 2',
  ],
  [
    '{"command": "a", "restart": {"maxRestarts": 1.5}}',
    '2: mcpServers.github.restart.maxRestarts: expected a whole number from 0 to 1000000, got 1.5',
  ],
  [
    '{"command": "a", "limits": {"concurrentCalls": "9"}}',
    '2: mcpServers.github.limits.concurrentCalls: expected a whole number from 1 to 1000, got "9"',
  ],
  ['{"command": "a", "args": "x"}', '2: mcpServers.github.args: expected a list, got text'],
  [
    '{"command": "a", "args": ["x",\n 5]}',
    '3: mcpServers.github.args[1]: expected text, got a number',
  ],
  [
    '{"command": "a", "env": {"API_KEY": 123456}}',
    '2: mcpServers.github.env.API_KEY: expected text, got a number',
  ],
  [
    '{"command": "a", "env": {"PIN": {"value": "4711"}}}',
    '2: mcpServers.github.env.PIN: expected text, or { "value": "text", "secret": true }',
  ],
  [
    '{"command": "a", "env": {"PIN": {"value": 4711, "secret": true}}}',
    '2: mcpServers.github.env.PIN: expected text, or { "value": "text", "secret": true }',
  ],
  [
    '{"command": "a", "env": {"A=B": "c"}}',
    '2: mcpServers.github.env.A=B: expected a name without "="',
  ],
  [
    '{"command": "a", "enabled": true, "disabled": true}',
    '2: mcpServers.github.disabled: expected the opposite of "enabled", got true for both',
  ],
  [
    '{"command": "a", "enabled": "yes"}',
    '2: mcpServers.github.enabled: expected true or false, got "yes"',
  ],
])('names line, field and fault of %s', async (entry, problem) => {
  expect(await problemsOf(entry)).toEqual([problem]);
});

it('reports everything that is wrong at once', async () => {
  const problems = await problemsOf('{\n"comand": "npx",\n"timeouts": {"start": "x"},\n"env": []}');
  expect(problems.map((problem) => problem.split(':', 2).join(':')).sort()).toEqual([
    '3: mcpServers.github.comand',
    '4: mcpServers.github.timeouts.start',
    '5: mcpServers.github.env',
  ]);
});

it.each([
  ['{"mcpServers": {"a": }}', ':1:22: value expected'],
  ['{\n  "mcpServers": {\n', ':3:1: close brace expected'],
  ['', ':1:1: the file is empty'],
  ['{"mcpServers": {\n"a": {}, "a": {}}}', ':2:10: the member "a" is given twice'],
  ['{"mcpServers": {"__proto__": {}}}', ':1:17: a member may not be called "__proto__"'],
])('names line and column of broken JSON: %j', async (text, place) => {
  const file = await write(text);
  await expect(readConfigFile(file)).rejects.toMatchObject({
    code: 'INVALID_JSON',
    message: `${file}${place}`,
  });
});

it.each([
  ['{"server": {}}', 'mcpServers: expected an object with an entry per server'],
  ['[]', 'expected an object, got a list'],
  ['{"mcpServers": {"a b": {"command": "x"}, "a-b": {"command": "y"}}}', 'two servers "a-b"'],
  ['{"mcpServers": {"": {"command": "x"}}}', 'A server name may not be empty.'],
])('refuses %s', async (text, message) => {
  await expect(readConfigFile(await write(text))).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining(message) as string,
  });
});

it('takes a server that is called like a member of every object', async () => {
  const config = await readConfigFile(
    await write('{"mcpServers": {"constructor": {"command": "x"}}}'),
  );
  expect(config.entries).toMatchObject([{ name: 'constructor', entry: { command: 'x' } }]);
});

it.each([1_000_000, 3_000])(
  'refuses %d levels of lists instead of failing on them',
  async (levels) => {
    const nested = '['.repeat(levels) + ']'.repeat(levels);
    const file = await write(`{"mcpServers": {"a": {"command": "x", "meta": {"m": ${nested}}}}}`);
    await expect(readConfigFile(file)).rejects.toThrow('nested too deeply');
  },
);

it('says when the file is missing or cannot be read', async () => {
  const missing = path.join(folder(), 'nowhere.json');
  await expect(readConfigFile(missing)).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: `The config file ${missing} does not exist.`,
  });
  await expect(readConfigFile(folder())).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
});

it('checks a single entry, such as one from flags', () => {
  expect(checkEntry('a', { command: 'x' })).toEqual({ command: 'x' });
  expect(() => checkEntry('a', { command: 'x', args: [1] })).toThrow(
    'a.args[0]: expected text, got a number',
  );
});
