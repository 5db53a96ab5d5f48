import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkEntry } from '../../../src/inventory/config/check-entry';
import { readConfigFile } from '../../../src/inventory/config/config-file';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();

async function write(text: string): Promise<string> {
  const file = path.join(folder(), 'servers.json');
  await writeFile(file, text);
  return file;
}

/** Returns the problems of one entry `github`, given as JSON text, line by line. */
async function problemsOf(entry: string): Promise<string[]> {
  const file = await write(`{ "mcpServers": {\n  "github": ${entry}\n} }`);
  const { leftOut, entries } = await readConfigFile(file);
  const said = [...leftOut, ...entries.flatMap(({ warnings }) => warnings)];
  return said.map(({ line, text }) => `${line}: ${text}`);
}

it('reads entries unchanged, with comments, trailing commas and a byte order mark', async () => {
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
    leftOut: [{ line: 3, text: 'ignored: theme' }],
    file,
    baseDir: folder(),
    entries: [
      {
        name: 'files',
        written: 'files',
        entry: { command: 'npx', args: ['-y', 'files'], timeouts: { start: '2m' } },
        origin: { file, line: 5 },
        dialect: 'mcpServers',
        warnings: [],
      },
      {
        name: 'web',
        written: 'web',
        entry: { url: 'https://example.com/mcp' },
        origin: { file, line: 6 },
        dialect: 'mcpServers',
        warnings: [],
      },
    ],
  });
});

it('accepts every documented member', async () => {
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
  ['{"command": ""}', '2: mcpServers.github.command: expected a string that is not empty'],
  ['{"command": 3}', '2: mcpServers.github.command: expected a string, got 3'],
  [
    '{"command": "a\\u0000b"}',
    '2: mcpServers.github.command: expected a string without NUL characters',
  ],
  ['"npx"', '2: mcpServers.github: expected an object, got "npx"'],
  [
    '{"type": "stdio", "url": "http://a"}',
    '2: mcpServers.github: missing command: its type is "stdio"',
  ],
  ['{"type": "sse", "command": "a"}', '2: mcpServers.github: missing url: its type is "sse"'],
  [
    '{"command": "a",\n"type": "stdi"}',
    '3: type: unknown type "stdi"; detected from the command or url instead',
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
  [
    '{"command": "a",\n"tgas": ["x"]}',
    '3: tgas: kept for exports, has no effect here; did you mean "tags"?',
  ],
  // Suggestions only for members that accept the value.
  ['{"command": "a", "tgas": "x"}', '2: tgas: kept for exports, has no effect here'],
  ['{"command": "a", "xyzzy": 1}', '2: xyzzy: kept for exports, has no effect here'],
  [
    '{"command": "a",\n"timeouts": {\n"strat": 1}}',
    '4: timeouts.strat: ignored: unknown member; did you mean "start"?',
  ],
  [
    '{"command": "a", "timeouts": {"start": true}}',
    '2: timeouts.start: ignored: expected a duration such as "30s", got true',
  ],
  [
    '{"command": "a", "timeouts": {"start": "30"}}',
    '2: timeouts.start: ignored: expected a duration such as "30s", got "30"',
  ],
  [
    '{"command": "a", "timeouts": {"start": 0}}',
    '2: timeouts.start: ignored: expected a duration from 1 to 2147483647 ms, got 0',
  ],
  [
    '{"command": "a", "timeouts": {"host": "1s"}}',
    '2: timeouts.host: ignored: expected a duration from 2000 to 2147483647 ms, got "1s"',
  ],
  [
    '{"command": "a", "timeouts": {"call": "25h"}}',
    '2: timeouts.call: ignored: expected a duration from 1 to 86400000 ms, got "25h"',
  ],
  [
    '{"command": "a", "restart": {"jitter": 2}}',
    '2: restart.jitter: ignored: expected a number from 0 to 1, got 2',
  ],
  [
    '{"command": "a", "restart": {"maxRestarts": 1.5}}',
    '2: restart.maxRestarts: ignored: expected a whole number from 0 to 1000000, got 1.5',
  ],
  [
    '{"command": "a", "limits": {"concurrentCalls": "9"}}',
    '2: limits.concurrentCalls: ignored: expected a whole number from 1 to 1000, got "9"',
  ],
  ['{"command": "a", "args": "x"}', '2: args: a string instead of a list; treated as one argument'],
  [
    '{"command": "a", "args": ["x",\n null]}',
    '3: mcpServers.github.args[1]: expected a string, got null',
  ],
  ['{"command": "a", "env": {"A": 1,\n"B": null}}', '3: env.B: null; treated as not set'],
  [
    '{"command": "a", "env": {"PIN": {"value": "4711"}}}',
    '2: env.PIN: ignored: expected a string, or { "value": "…", "secret": true }, got an object',
  ],
  [
    '{"command": "a", "env": {"A=B": "c"}}',
    '2: mcpServers.github.env.A=B: expected a name without "="',
  ],
  [
    '{"command": "a", "enabled": true, "disabled": true}',
    '2: disabled: contradicts "enabled"; treated as disabled',
  ],
  [
    '{"command": "a", "enabled": "perhaps"}',
    '2: enabled: expected true or false; treated as false',
  ],
])('names line, field and problem of %s', async (entry, problem) => {
  expect(await problemsOf(entry)).toEqual([problem]);
});

it('reports all problems at once', async () => {
  const problems = await problemsOf('{\n"comand": "npx",\n"timeouts": {"start": "x"},\n"env": []}');
  expect(problems.map((problem) => problem.split(':', 2).join(':')).sort()).toEqual([
    '2: mcpServers.github',
    '3: comand',
    '4: mcpServers.github.timeouts.start',
  ]);
});

it.each([
  ['{"mcpServers": {"a": }}', ':1:22: value expected'],
  ['{\n  "mcpServers": {\n', ':3:1: close brace expected'],
  ['', ':1:1: the file is empty'],
  ['---', ':1:1: invalid symbol'],
  ['// nothing but a comment', ':1:25: value expected'],
])('names line and column of broken JSON: %j', async (text, place) => {
  const file = await write(text);
  await expect(readConfigFile(file)).rejects.toMatchObject({
    code: 'INVALID_JSON',
    message: `${file}${place}`,
  });
});

it.each([
  ['{"server": {}}', 'Found in this file: server'],
  ['[]', 'Found in this file: a list'],
])('refuses %s, and names the supported and the found members', async (text, message) => {
  await expect(readConfigFile(await write(text))).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining(message) as string,
  });
});

it('imports the valid entries of a file, and reports the others with their lines', async () => {
  const { entries, leftOut } = await readConfigFile(
    await write(`{"mcpServers": {
"good": {"command": "x", "args": ["1"]},
"wordless": {"args": ["server.py"]},
"text": "npx server",
"": {"command": "x"},
"__proto__": {"command": "y"},
"good": {"command": "x", "args": ["2"]},
"also": {"url": "https://a.test/mcp"}
}}`),
  );
  expect(entries.map(({ name, entry }) => [name, entry.args ?? entry.url])).toEqual([
    ['good', ['2']],
    ['also', 'https://a.test/mcp'],
  ]);
  expect(leftOut.map(({ line, text }) => `${line}: ${text}`)).toEqual([
    '6: a member must not be named "__proto__"',
    '7: duplicate member "good"',
    '3: mcpServers.wordless: missing command or url',
    '4: mcpServers.text: expected an object, got "npx server"',
    '5: mcpServers.: A server name must not be empty.',
  ]);
});

it('accepts servers named like members of every object', async () => {
  const config = await readConfigFile(
    await write('{"mcpServers": {"constructor": {"command": "x"}}}'),
  );
  expect(config.entries).toMatchObject([{ name: 'constructor', entry: { command: 'x' } }]);
});

it.each([1_000_000, 3_000, 1_500, 300])(
  'refuses %d levels of lists instead of failing on them',
  async (levels) => {
    const nested = '['.repeat(levels) + ']'.repeat(levels);
    const file = await write(`{"mcpServers": {"a": {"command": "x", "meta": {"m": ${nested}}}}}`);
    await expect(readConfigFile(file)).rejects.toThrow('nested too deeply');
  },
);

it.each([
  [
    'that contains itself',
    'mcpServers: &all\n  a: &one\n    command: x\n    meta: { m: *one, all: *all }\n',
  ],
  ['of many levels', `mcpServers:\n  a:\n    meta: { m: ${'['.repeat(300)}${']'.repeat(300)} }\n`],
])('refuses YAML %s without crashing', async (_what, text) => {
  const file = path.join(folder(), 'servers.yaml');
  await writeFile(file, text);
  await expect(readConfigFile(file)).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining('nested too deeply') as string,
  });
});

it('reads repeated YAML aliases, and unknown tags as text', async () => {
  const file = path.join(folder(), 'servers.yaml');
  const text =
    'shared: &env { DAY: !!timestamp 2026-01-02 }\nmcpServers:\n  a: { command: x, env: *env }\n  b: { command: x, env: *env }\n';
  await writeFile(file, text);
  const { entries } = await readConfigFile(file);
  expect(entries.map(({ entry }) => entry.env)).toEqual([
    { DAY: '2026-01-02' },
    { DAY: '2026-01-02' },
  ]);
});

it('reports a missing or unreadable file', async () => {
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
    'a.args[0]: expected a string, got a number',
  );
});
