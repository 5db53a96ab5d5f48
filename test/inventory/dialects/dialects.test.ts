import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readConfigFile } from '../../../src/inventory/config/config-file';
import { useTemporaryFolder } from '../../temporary-folder';
import { zipOf } from '../zip';

const folder = useTemporaryFolder();

async function write(name: string, content: string | Buffer): Promise<string> {
  const file = path.join(folder(), name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

async function read(name: string, content: unknown) {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 1);
  return readConfigFile(await write(name, text));
}

async function entriesOf(name: string, content: unknown) {
  const { entries } = await read(name, content);
  return Object.fromEntries(entries.map(({ name: server, entry }) => [server, entry]));
}

/** Returns the problems of a file, line by line: an error of the whole file, or skipped and ignored parts. */
async function problemsOf(name: string, text: string): Promise<string[]> {
  const file = await write(name, text);
  try {
    const { leftOut, entries } = await readConfigFile(file);
    const said = [...leftOut, ...entries.flatMap(({ warnings }) => warnings)];
    return said.map(({ line, text: what }) => `${line}: ${what}`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message.split('\n').map((line) => line.replace(`${file}:`, ''));
  }
}

it('reads several dialects from one file', async () => {
  const { entries } = await read('all.json', {
    mcpServers: { a: { command: 'x', type: 'python' } },
    servers: {
      b: { type: 'stdio', command: 'x' },
      c: { type: 'nodejs', args: ['c.js'], health_check: { port: 1 } },
    },
    mcp: { servers: { d: { url: 'https://d/mcp' } } },
    mcp_servers: [{ name: 'e', type: 'python', script: 'e.py', args: ['-v'] }],
  });
  expect(entries.map(({ name, dialect, entry }) => [name, dialect, entry.command])).toEqual([
    ['a', 'mcpServers', 'x'],
    ['b', 'vscode', 'x'],
    ['c', 'typed', 'node'],
    ['e', 'typed', 'python'],
    ['d', 'vscode', undefined],
  ]);
  expect(entries.at(-2)?.entry.args).toEqual(['e.py', '-v']);
});

it('reads entries of editors, and keeps members that only they support', async () => {
  const { entries, baseDir } = await read('.vscode/mcp.json', {
    inputs: [{ id: 'token', description: 'Token', password: true }, { id: 'unused' }],
    servers: {
      'acme/My Server': {
        command: 'npx',
        args: ['${workspaceFolder}', '${env:A}'],
        env: { T: '${input:token}', PORT: 1, GONE: null },
        dev: { watch: 'x' },
        comand: 'typo',
      },
    },
  });
  expect(baseDir).toBe(folder());
  expect(entries).toMatchObject([
    {
      name: 'My-Server',
      entry: {
        type: 'stdio',
        command: 'npx',
        args: ['${workspaceFolder}', '${A}'],
        env: { T: '${input:token}', PORT: '1' },
        inputs: [{ id: 'token', description: 'Token', password: true }],
        extra: { vscode: { dev: { watch: 'x' }, comand: 'typo' }, name: 'acme/My Server' },
      },
      warnings: [
        { line: 22, text: 'env.GONE: null; treated as not set' },
        { line: 24, text: 'dev: kept for exports, has no effect here' },
        {
          line: 27,
          text: 'comand: kept for exports, has no effect here; did you mean "command"?',
        },
        {
          line: 13,
          text: 'renamed to "My-Server": "acme/My Server" is not a valid server name',
        },
      ],
    },
  ]);
  expect(entries[0]?.entry.env).not.toHaveProperty('GONE');
});

it('keeps foreign members in our own dialect, and suggests corrections of mistakes', async () => {
  const entries = await entriesOf('cursor.json', {
    mcpServers: { a: { serverUrl: 'https://a/mcp', alwaysAllow: ['x'], _comment: 'mine' } },
  });
  expect(entries['a']).toEqual({
    url: 'https://a/mcp',
    extra: { mcpServers: { alwaysAllow: ['x'], _comment: 'mine' } },
  });
  expect(
    await problemsOf(
      'own.json',
      '{"mcpServers": {\n"a": {"command": "x",\n"timeuots": {"start": 1}}}}',
    ),
  ).toEqual(['3: timeuots: kept for exports, has no effect here; did you mean "timeouts"?']);
});

it('reads the servers of Codex', async () => {
  const text = `# mine
[mcp_servers.files]
command = "npx"
args = ["-y", "files"]
env_vars = ["HOME"]
startup_timeout_sec = 10
[mcp_servers.files.env]
A = "b"

[mcp_servers."my web"]
url = "https://example.com/mcp"
bearer_token_env_var = "TOKEN"
env_http_headers = { "X-Key" = "KEY" }
`;
  expect(await entriesOf('config.toml', text)).toEqual({
    files: {
      command: 'npx',
      args: ['-y', 'files'],
      env: { A: 'b', HOME: '${HOME}' },
      timeouts: { start: 10_000 },
    },
    'my-web': {
      url: 'https://example.com/mcp',
      headers: { 'X-Key': '${KEY}', Authorization: 'Bearer ${TOKEN}' },
      extra: { name: 'my web' },
    },
  });
});

const registry = (rest: object) => ({ name: 'io.github.acme/weather', version: '1.2.3', ...rest });

it.each([
  [
    'npm',
    {
      packages: [
        {
          registryType: 'npm',
          identifier: '@acme/weather',
          version: '1.2.3',
          runtimeArguments: [{ type: 'named', name: '--loglevel', value: 'silent' }],
          packageArguments: [
            { type: 'positional', valueHint: 'target_dir', isRequired: true },
            { type: 'named', name: '--verbose', isRequired: true },
            { type: 'named', name: '--optional', valueHint: 'x' },
          ],
          environmentVariables: [
            { name: 'KEY', isRequired: true, isSecret: true },
            { name: 'EXTRA', isSecret: true },
            { name: 'URL', value: 'https://{host}/{kept}', variables: { host: { default: 'h' } } },
            { name: 'OPTIONAL' },
          ],
        },
      ],
    },
    {
      command: 'npx',
      args: [
        ...['-y', '--loglevel', 'silent', '@acme/weather@1.2.3'],
        ...['${TARGET_DIR}', '--verbose'],
      ],
      env: { KEY: '${KEY}', EXTRA: '${EXTRA:-}', URL: 'https://h/{kept}' },
    },
  ],
  [
    'pypi',
    { packages: [{ registryType: 'pypi', identifier: 'weather', version: '1.0' }] },
    { command: 'uvx', args: ['weather@1.0'] },
  ],
  [
    'an image, after a kind that we have not',
    {
      packages: [
        { registryType: 'nuget', identifier: 'W', version: '1' },
        {
          registryType: 'oci',
          identifier: 'ghcr.io/acme/weather',
          version: '2',
          environmentVariables: [{ name: 'K', value: 'v' }],
        },
      ],
    },
    {
      command: 'docker',
      args: ['run', '-i', '--rm', '-e', 'K', 'ghcr.io/acme/weather:2'],
      env: { K: 'v' },
    },
  ],
  [
    'an image whose document repeats what is run anyway',
    {
      packages: [
        {
          registryType: 'oci',
          identifier: 'ghcr.io/acme/weather:${VERSION}',
          runtimeArguments: [
            { type: 'positional', value: 'run' },
            { type: 'named', name: '-i', value: 'true', format: 'boolean' },
            { type: 'named', name: '--rm', value: 'true', format: 'boolean' },
            { type: 'named', name: '--init', value: 'true', format: 'boolean' },
            { type: 'named', name: '--read-only', value: 'false', format: 'boolean' },
            { type: 'named', name: '--network', value: 'host' },
            {
              ...{ type: 'named', name: '-e', value: 'WEATHER_TOKEN={token}' },
              variables: { token: { isRequired: true, isSecret: true } },
            },
            { type: 'positional', valueHint: 'image', value: 'ghcr.io/acme/weather' },
          ],
        },
      ],
    },
    {
      command: 'docker',
      args: [
        ...['run', '-i', '--rm', '-e', 'WEATHER_TOKEN', '--init', '--network', 'host'],
        'ghcr.io/acme/weather:${VERSION}',
      ],
      env: { WEATHER_TOKEN: '${WEATHER_TOKEN}' },
    },
  ],
  [
    'a bundle',
    {
      packages: [{ registryType: 'mcpb', identifier: 'https://x/w.mcpb', fileSha256: 'ab' }],
    },
    { mcpb: 'https://x/w.mcpb', integrity: 'sha256:ab' },
  ],
  [
    'a remote',
    {
      remotes: [
        {
          type: 'streamable-http',
          url: 'https://{tenant}.example/mcp',
          variables: { tenant: { isRequired: true } },
          headers: [{ name: 'X-Key', isRequired: true, isSecret: true }],
        },
      ],
    },
    {
      type: 'http',
      url: 'https://${TENANT}.example/mcp',
      headers: { 'X-Key': '${X_KEY}' },
    },
  ],
])('reads %s from the official registry', async (_kind, rest, expected) => {
  const document = registry(rest);
  expect(await entriesOf('server.json', document)).toEqual({
    weather: { ...expected, extra: { registry: document } },
  });
  const answer = { server: document, _meta: {} };
  expect(Object.keys(await entriesOf('answer.json', answer))).toEqual(['weather']);
});

it('reads a bundle with the settings of its manifest', async () => {
  const manifest = {
    manifest_version: '0.3',
    name: 'My Weather',
    server: { type: 'node', entry_point: 'index.js' },
    user_config: {
      apiKey: { type: 'string', title: 'Key', required: true, sensitive: true },
      folders: { type: 'directory', multiple: true, default: ['${HOME}/a'] },
      documents: { type: 'directory', default: '${DOCUMENTS}' },
      limit: { type: 'number', default: 3 },
      note: { type: 'string' },
    },
  };
  const file = await write('weather.mcpb', zipOf({ 'manifest.json': JSON.stringify(manifest) }));
  const { entries } = await readConfigFile(file);
  expect(entries).toEqual([
    {
      name: 'My-Weather',
      written: 'My Weather',
      dialect: 'mcpb',
      origin: { file, line: 1 },
      warnings: [],
      entry: {
        mcpb: file,
        userConfig: {
          apiKey: '${API_KEY}',
          folders: ['${HOME}/a'],
          documents: '${HOME}/Documents',
          limit: 3,
        },
      },
    },
  ]);
});

describe('errors name line and field', () => {
  it.each([
    [
      'vs.json',
      '{"servers": {\n"a": {\n"command": 3}}}',
      ['3: servers.a.command: expected a string, got 3'],
    ],
    ['vs.json', '{"servers": {\n"a": {}}}', ['2: servers.a: missing command or url']],
    [
      'vs.json',
      '{"servers": [\n{"command": "x"}]}',
      ['2: servers[0]: not a server: expected a name, and a command or url'],
    ],
    [
      'typed.json',
      '{"servers": {"a": {\n"type": "nodejs", "command": "x",\n"health_check": {\n"port": "x"}}}}',
      [
        '3: health_check: ignored: expected an object with endpoint, port, interval and timeout, or a list of them',
      ],
    ],
    [
      'typed.json',
      '{"servers": {"a": {\n"type": "nodejs"}}}',
      ['1: servers.a: missing command: its type is "nodejs"'],
    ],
    [
      'c.toml',
      '[mcp_servers.a]\ncommand = "x"\nargs = [{}]\n',
      ['3: mcp_servers.a.args[0]: expected a string, got an object'],
    ],
    ['c.toml', '[mcp_servers.a]\n\nargs = []\n', ['1: mcp_servers.a: missing command or url']],
    [
      'server.json',
      '{"name": "a/b", "packages": [\n{"registryType": "npn",\n"identifier": 1}]}',
      [
        '2: packages[0].registryType: expected "npm" or "pypi" or "oci" or "mcpb" or "nuget" or "cargo", got "npn"; did you mean "npm"?',
        '3: packages[0].identifier: expected a string, got 1',
        '1: packages: expected a package from npm, PyPI, an image or a bundle, or a remote',
      ],
    ],
    [
      'server.json',
      '{"name": "a/b", "packages": []}',
      ['1: packages: expected a package from npm, PyPI, an image or a bundle, or a remote'],
    ],
    [
      'two.json',
      '{"mcpServers": {"a": {"command": "x"}},\n"servers": {\n"a": {"command": "x"}}}',
      ['3: servers.a: duplicate of the other "a" in this file; imported only once'],
    ],
  ])('%s %j', async (name, text, problems) => {
    expect(await problemsOf(name, text)).toEqual(problems);
  });

  it('without showing a secret', async () => {
    const [problem] = await problemsOf(
      'server.json',
      '{"name": "a/b", "packages": [{"registryType": "npm", "identifier": "x", "environmentVariables": [{"name": "A", "value": 123456}]}]}',
    );
    expect(problem).toContain('environmentVariables');
    expect(problem).not.toContain('123456');
  });
});

it('does not change text that only looks like a reference or an input', async () => {
  const entries = await entriesOf('a.json', {
    inputs: [null, 'a', { id: { constructor: 1 } }, { id: 'a' }],
    servers: { a: { command: 'x', args: ['${env:@1', '${input:a}'] } },
  });
  expect(entries['a']).toMatchObject({
    args: ['${env:@1', '${input:a}'],
    inputs: [{ id: 'a' }],
  });
});

it('treats names of built-in object members like any others', async () => {
  const text =
    '{"servers": {"constructor": {"command": "x", "toString": 1, "env": {"valueOf": "${constructor}"}}}}';
  expect(await entriesOf('a.json', text)).toEqual({
    constructor: {
      type: 'stdio',
      command: 'x',
      env: { valueOf: '${constructor}' },
      extra: { vscode: { toString: 1 } },
    },
  });
  expect(
    await problemsOf('b.json', '{"mcpServers": {"a": {"command": "x", "constructor": 1}}}'),
  ).toEqual(['1: constructor: kept for exports, has no effect here']);
});

describe('a file that is not a config', () => {
  it.each([
    ['empty.json', '', '1:1: the file is empty'],
    ['blank.json', ' \n\n', '1:1: the file is empty'],
    ['empty.toml', '', 'no MCP servers in a supported format'],
    ['other.toml', 'model = "x"\n[a]\nb = 1\n', 'Found in this file: model, a'],
    ['bom.json', '\uFEFF', '1:1: the file is empty'],
    ['broken.toml', '[mcp_servers.a]\ncommand = \n', '2:'],
    ['twice.toml', '[a]\nb = 1\nb = 2\n', '3:'],
    ['list.json', '[]', 'Found in this file: a list'],
    ['text.json', 'hello', '1:1: '],
    ['empty-list.json', '{"mcpServers": [1]}', '1: mcpServers[0]: not a server'],
    ['manifest.mcpb', '{"name": "x"}', ' is not a valid .mcpb bundle: it is not a ZIP archive'],
  ])('%s %j', async (name, text, problem) => {
    const problems = await problemsOf(name, text);
    expect(problems[0]).toContain(problem);
    expect(problems).toHaveLength(1);
  });

  it.each([
    ['noise.json', Buffer.from([0x7b, 0xff, 0xfe, 0x80, 0x00]), 'is not a text file'],
    ['nul.json', Buffer.from('{"mcpServers"\0: {}}'), 'is not a text file'],
    ['empty.mcpb', zipOf({}), 'is not a valid .mcpb bundle'],
    ['other.zip', zipOf({ 'a.txt': 'x' }), 'is not a valid .mcpb bundle: it has no manifest.json'],
    ['cut.mcpb', zipOf({ 'manifest.json': '{}' }).subarray(0, 30), 'is not a valid .mcpb bundle'],
    [
      'odd.mcpb',
      zipOf({ 'manifest.json': '{"name": 1}' }),
      'manifest.json:1: name: expected a string',
    ],
    ['bad.mcpb', zipOf({ 'manifest.json': '{' }), 'manifest.json:1:'],
  ])('%s', async (name, content, problem) => {
    await expect(readConfigFile(await write(name, content))).rejects.toThrow(problem);
  });

  it('is a folder, too large, or not readable', async () => {
    await expect(readConfigFile(folder())).rejects.toThrow('is not a file');
    const huge = await write('huge.json', Buffer.alloc(17 * 1024 * 1024, 0x20));
    await expect(readConfigFile(huge)).rejects.toThrow('17825792 bytes (maximum: 16777216)');
    await expect(readConfigFile(`${huge}/x`)).rejects.toThrow('cannot be read');
  });

  it('may contain comments, trailing commas and UTF-16', async () => {
    const text = '{ // c\n"mcpServers": {"a": {"command": "x",},}, /* d */ }';
    expect(Object.keys(await entriesOf('a.json', text))).toEqual(['a']);
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    const { entries } = await readConfigFile(await write('b.json', utf16));
    expect(entries).toHaveLength(1);
  });
});

it('accepts settings without servers only on request', async () => {
  const file = await write('settings.json', '{"editor.fontSize": 12}');
  expect((await readConfigFile(file, { mayBeEmpty: true })).entries).toEqual([]);
  await expect(readConfigFile(file)).rejects.toThrow('Found in this file: editor.fontSize');
});
