import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readConfigFile } from '../../../src/inventory/config/config-file';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();

async function read(name: string, text: string) {
  const file = path.join(folder(), name);
  await writeFile(file, text);
  return readConfigFile(file);
}

/** Returns the entries by name, without members kept for exports. */
async function entriesOf(name: string, text: string) {
  const { entries, leftOut } = await read(name, text);
  return {
    entries: Object.fromEntries(
      entries.map(({ name: server, entry: { extra: _extra, ...entry } }) => [server, entry]),
    ),
    dialects: [...new Set(entries.map(({ dialect }) => dialect))],
    leftOut: leftOut.map(({ line, text: what }) => `${line}: ${what}`),
  };
}

it.each<[program: string, file: string, text: string, dialect: string, entries: object]>([
  [
    'OpenCode',
    'opencode.jsonc',
    `{ "theme": "x", // mine
       "mcp": {
         "files": { "type": "local", "command": ["npx", "-y", "files"], "environment": { "A": "{env:B}", "C": "$D" } },
         "web": { "type": "remote", "url": "https://a.test/mcp", "enabled": false,
           "headers": { "Authorization": "Bearer {file:token.txt}" } } },
       "tools": { "files_write*": false, "web*": true } }`,
    'opencode',
    {
      files: {
        command: 'npx',
        args: ['-y', 'files'],
        type: 'stdio',
        env: { A: '${B}', C: '${D}' },
        excludeTools: ['write*'],
      },
      web: {
        url: 'https://a.test/mcp',
        enabled: false,
        headers: { Authorization: 'Bearer ${file:token.txt}' },
      },
    },
  ],
  [
    'OpenCode from version 2 on',
    'opencode.json',
    '{"mcp": {"servers": {"a": {"type": "local", "command": ["x", "y"], "disabled": true}}}}',
    'opencode',
    { a: { type: 'stdio', command: 'x', args: ['y'], disabled: true } },
  ],
  [
    'Zed',
    'settings.json',
    `{ "context_servers": {
         "old": { "command": { "path": "x", "args": ["y"], "env": { "A": "b" } }, "settings": {} },
         "new": { "source": "custom", "command": "x", "args": [], "enabled": false, },
       }, "theme": { "mode": "dark" }, }`,
    'zed',
    {
      old: { command: 'x', args: ['y'], env: { A: 'b' } },
      new: { command: 'x', args: [], enabled: false },
    },
  ],
  [
    'Continue',
    'config.yaml',
    `name: mine
models: []
mcpServers:
  - name: a b
    command: npx
    args:
      - -y
      - thing
    env:
      KEY: \${{ secrets.THING_KEY }}
  - name: web
    type: streamable-http
    url: https://a.test/mcp
    requestOptions:
      headers:
        X-Key: k
`,
    'continue',
    {
      'a-b': { command: 'npx', args: ['-y', 'thing'], env: { KEY: '${THING_KEY}' } },
      web: { type: 'streamable-http', url: 'https://a.test/mcp', headers: { 'X-Key': 'k' } },
    },
  ],
  [
    'LibreChat',
    'librechat.yaml',
    `interface:
  mcpServers:
    use: true
mcpServers:
  house:
    type: streamable-http
    url: http://house:8000/mcp
    headers:
      Authorization: "Bearer \${HOUSE_TOKEN}"
`,
    'mcpServers',
    {
      house: {
        type: 'streamable-http',
        url: 'http://house:8000/mcp',
        headers: { Authorization: 'Bearer ${HOUSE_TOKEN}' },
      },
    },
  ],
  [
    'LiteLLM',
    'config.yaml',
    `mcp_servers:
  zap:
    url: https://a.test/mcp
    transport: sse
    auth_type: bearer_token
    auth_value: os.environ/ZAP_KEY
    disallowed_tools: [delete_all]
  local:
    transport: stdio
    command: npx
    args: ["-y", "x"]
`,
    'litellm',
    {
      zap: {
        url: 'https://a.test/mcp',
        type: 'sse',
        headers: { Authorization: 'Bearer ${ZAP_KEY}' },
        excludeTools: ['delete_all'],
      },
      local: { type: 'stdio', command: 'npx', args: ['-y', 'x'] },
    },
  ],
  [
    'Goose',
    'config.yaml',
    `GOOSE_MODEL: x
extensions:
  search:
    type: stdio
    cmd: uvx
    args: [search]
    envs: { LEVEL: info }
    env_keys: [SEARCH_KEY]
    enabled: false
  web:
    type: streamable_http
    uri: https://a.test/mcp
    available_tools: [find]
`,
    'goose',
    {
      search: {
        type: 'stdio',
        command: 'uvx',
        args: ['search'],
        env: { SEARCH_KEY: '${SEARCH_KEY}', LEVEL: 'info' },
        enabled: false,
      },
      web: { type: 'http', url: 'https://a.test/mcp', includeTools: ['find'] },
    },
  ],
  [
    'Gemini CLI',
    'settings.json',
    `{ "mcp": { "excluded": ["off"] }, "mcpServers": {
         "http": { "httpUrl": "https://a.test/mcp", "headers": { "X": "$TOKEN" } },
         "sse": { "url": "https://a.test/events", "excludeTools": ["write"] },
         "off": { "command": "x", "trust": true } } }`,
    'gemini',
    {
      http: { type: 'http', url: 'https://a.test/mcp', headers: { X: '${TOKEN}' } },
      sse: { type: 'sse', url: 'https://a.test/events', excludeTools: ['write'] },
      off: { command: 'x', disabled: true },
    },
  ],
  [
    'Amp',
    'settings.json',
    `{ "amp.mcpServers": { "a": { "command": "x", "includeTools": ["read_*"] } },
       "amp.tools.disable": ["mcp__a__read_secret", "Bash"] }`,
    'amp',
    { a: { command: 'x', includeTools: ['read_*'], excludeTools: ['read_secret'] } },
  ],
  [
    'Cherry Studio',
    'mcp_servers.json',
    `{ "mcpServers": {
         "x1": { "name": "x1", "type": "streamableHttp", "baseUrl": "https://a.test/mcp", "isActive": false,
           "disabledTools": ["t"], "timeout": 60 } } }`,
    'mcpServers',
    { x1: { type: 'http', url: 'https://a.test/mcp', enabled: false, excludeTools: ['t'] } },
  ],
  [
    'Copilot CLI',
    'mcp-config.json',
    '{"mcpServers": {"a": {"type": "local", "command": "x", "tools": ["*"]}, "b": {"type": "local", "command": "x", "tools": ["one"]}}}',
    'mcpServers',
    {
      a: { type: 'stdio', command: 'x' },
      b: { type: 'stdio', command: 'x', includeTools: ['one'] },
    },
  ],
  [
    'Warp, without anything around it',
    'mcp.json',
    '{"a": {"command": "x", "working_directory": "/w", "start_on_launch": false}}',
    'bare',
    { a: { command: 'x', cwd: '/w', autostart: false } },
  ],
  [
    'a list of names and connections',
    'servers.json',
    '[{"id": "local-one", "name": "One (by hand)", "enabled": false, "connection": {"type": "stdio", "command": ["x", "y"]}}]',
    'list',
    { 'local-one': { type: 'stdio', command: 'x', args: ['y'], enabled: false } },
  ],
  [
    'a list of maps',
    'servers.json',
    '[{"a": {"command": "x"}}, {"b": {"command": "y"}}]',
    'list',
    { a: { command: 'x' }, b: { command: 'y' } },
  ],
])('reads the servers of %s', async (_program, file, text, dialect, entries) => {
  const found = await entriesOf(file, text);
  expect(found.entries).toEqual(entries);
  expect(found.dialects).toEqual([dialect]);
  // Its other settings are reported; no part of its servers is skipped.
  expect(found.leftOut.filter((text) => !text.startsWith('1: ignored: '))).toEqual([]);
});

it('detects the format by the contents, not the name', async () => {
  const yaml = await entriesOf('servers.conf', 'mcpServers:\n  a:\n    command: x\n');
  const toml = await entriesOf('servers.txt', '# mine\n[mcp_servers.a]\ncommand = "x"\n');
  expect([yaml.entries, toml.entries]).toEqual([{ a: { command: 'x' } }, { a: { command: 'x' } }]);
});

it('reads older registry documents, and "required" instead of "isRequired"', async () => {
  const document = {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-07-09/server.schema.json',
    name: 'io.github.acme/weather',
    version_detail: { version: '2.0.0' },
    packages: [
      { registry_type: 'cargo', identifier: 3 },
      {
        registry_name: 'pypi',
        name: 'weather',
        version: '2.0.0',
        environment_variables: [{ name: 'KEY', required: true }, { name: 'NOTE' }],
      },
    ],
  };
  const { entries, leftOut } = await entriesOf('server.json', JSON.stringify(document));
  expect(entries).toEqual({
    weather: { command: 'uvx', args: ['weather@2.0.0'], env: { KEY: '${KEY}' } },
  });
  expect(leftOut).toEqual(['1: packages[0].identifier: expected a string, got 3']);
});

it('writes docker run once, whatever a registry document repeats', async () => {
  const document = {
    name: 'io.github.acme/forge',
    packages: [
      {
        registryType: 'oci',
        identifier: 'ghcr.io/acme/forge:1.0',
        runtimeArguments: [
          { type: 'positional', value: 'run' },
          { type: 'named', name: '-i', value: 'true', format: 'boolean' },
          { type: 'positional', value: 'ghcr.io/acme/forge' },
        ],
      },
    ],
  };
  const { entries } = await entriesOf('server.json', JSON.stringify(document));
  expect(entries).toEqual({
    forge: { command: 'docker', args: ['run', '-i', '--rm', 'ghcr.io/acme/forge:1.0'] },
  });
});

it('reports parts beside the servers, and entries that are not servers', async () => {
  const { entries, leftOut } = await entriesOf(
    'mcp.json',
    `{"mcpServers": {"a": {"command": "x"}, "linked": {"link": "https://a.test/mcp"}},
"stray": {"command": "y", "args": ["z"]},
"projects": {"/w": {"mcpServers": {"p": {"command": "z"}}}}}`,
  );
  expect(Object.keys(entries)).toEqual(['a']);
  expect(leftOut).toEqual([
    '1: mcpServers.linked: missing command or url',
    '1: link: kept for exports, has no effect here; did you mean "url"?',
    '2: stray: looks like a server, but is outside the table of servers, where no program reads it; not imported',
    '3: projects./w.mcpServers: servers of a single project, not imported: p',
  ]);
});

it('gives each server a unique name, in any script and order', async () => {
  const names = [
    '数据库',
    '寸止',
    'café tools',
    'cafe tools',
    'acme/mcp',
    'beta/mcp',
    'a b',
    'a-b',
  ];
  const namesOf = async (written: readonly string[]) => {
    const table = Object.fromEntries(written.map((name) => [name, { command: name }]));
    const { entries } = await read('mcp.json', JSON.stringify({ mcpServers: table }));
    return new Map(entries.map((entry) => [entry.written, entry.name]));
  };
  const found = await namesOf(names);
  expect(new Set(found.values()).size).toBe(names.length);
  expect(await namesOf([...names].reverse())).toEqual(new Map([...found].reverse()));
  expect([found.get('acme/mcp'), found.get('a-b')]).toEqual(['acme-mcp', 'a-b']);
  expect(found.get('数据库')).toMatch(/^server-[0-9a-f]{8}$/);
  expect(found.get('café tools')).toMatch(/^cafe-tools-[0-9a-f]{8}$/);
});

it('numbers different servers with the same name, and imports a duplicate only once', async () => {
  const { entries, leftOut } = await entriesOf(
    'servers.json',
    '[{"a": {"command": "npx"}},\n{"a": {"command": "docker"}},\n{"a": {"command": "npx"}}]',
  );
  expect(entries).toEqual({ a: { command: 'npx' }, 'a-2': { command: 'docker' } });
  expect(leftOut).toEqual([
    '3: [2].a: duplicate of the other "a" in this file; imported only once',
  ]);
});

it('replaces placeholders by variables, and nothing else', async () => {
  const { entries } = await entriesOf(
    'mcp.json',
    JSON.stringify({
      mcpServers: {
        a: {
          command: 'x',
          args: ['/Users/YOUR_USERNAME/apps', '--key=<your-key>', '<html>', 'your words'],
          env: {
            JSON: '{"Authorization": "Bearer ntn_****"}',
            A_TOKEN: 'YOUR_TOKEN_HERE',
            B_KEY: '{secret}',
            URL: 'https://your-org.test/x',
            LEVEL: 'info',
          },
        },
        'my web': { url: 'https://a.test/mcp', headers: { Authorization: 'Bearer <token>' } },
      },
    }),
  );
  expect(entries).toEqual({
    a: {
      command: 'x',
      args: ['/Users/${YOUR_USERNAME}/apps', '--key=${YOUR_KEY}', '<html>', 'your words'],
      env: {
        JSON: '${JSON}',
        A_TOKEN: '${A_TOKEN}',
        B_KEY: '${B_KEY}',
        URL: 'https://${YOUR_ORG}.test/x',
        LEVEL: 'info',
      },
    },
    'my-web': {
      url: 'https://a.test/mcp',
      headers: { Authorization: 'Bearer ${MY_WEB_AUTHORIZATION}' },
    },
  });
});

it('explains the handling of approvals, and accepts loosely written values', async () => {
  const { entries } = await read(
    'mcp.json',
    `{"mcpServers": {
"a": {"type": "STDIO", "command": "node server.mjs --flag 'a b'", "env": [], "alwaysAllow": true,
"url": ""},
"b": {"command": "x", "env": ["A=1", {"name": "B", "value": 2}], "enabled": "false"}}}`,
  );
  expect(entries[0]?.entry).toMatchObject({
    type: 'stdio',
    command: 'node',
    args: ['server.mjs', '--flag', 'a b'],
    env: {},
  });
  expect(entries[1]?.entry).toEqual({ command: 'x', env: { A: '1', B: '2' }, enabled: false });
  expect(entries[0]?.warnings).toEqual([
    { line: 2, text: 'command: includes its arguments; split into command and args' },
    { line: 3, text: 'url: empty; ignored because there is a command' },
    { line: 2, text: expect.stringContaining('alwaysAllow: kept for exports') as string },
  ]);
});

it('does not mistake settings with a command for servers', async () => {
  const settings = '{"statusLine": {"type": "command", "command": "x"}, "theme": "dark"}';
  await expect(read('settings.json', settings)).rejects.toThrow(
    'Found in this file: statusLine, theme',
  );
  const beside = settings.replace('{', '{"mcpServers": {"a": {"command": "y"}}, ');
  const { entries, leftOut } = await entriesOf('settings.json', beside);
  expect([Object.keys(entries), leftOut]).toEqual([['a'], ['1: ignored: statusLine, theme']]);
});
