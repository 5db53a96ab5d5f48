import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ServerEntry } from '../../../src/inventory/config/config-schema';
import { readConfigFile } from '../../../src/inventory/config/config-file';
import { type ExportTarget } from '../../../src/domain/programs/config-programs';
import { exportServers } from '../../../src/inventory/export-servers';
import { specOf } from '../../../src/inventory/normalise';
import { useTemporaryFolder } from '../../temporary-folder';
import { zipOf } from '../zip';

const folder = useTemporaryFolder();

interface Sample {
  target: ExportTarget;
  file: string;
  text: string;
}

const MCP_SERVERS = `{
  "theme": "dark",
  "mcpServers": {
    "github": {
      "type": "stdio",
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-github", "--root=\${HOME}"],
      "env": { "GITHUB_TOKEN": "\${GITHUB_TOKEN}", "LEVEL": "\${LEVEL:-info}" },
      "disabled": false,
      "autoApprove": ["search"],
      "alwaysAllow": []
    },
    "web": { "url": "https://example.com/mcp", "headers": { "Authorization": "Bearer \${env:T}" } },
    "local": { "command": "./bin/server", "args": ["--port", "1"], "cwd": "sub" },
    "Brave Search": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-brave-search"] },
    "events": { "type": "sse", "url": "https://example.com/sse" }
  }
}`;

/** Returns an entry that every program supports, in the format of the target. */
function plainOf(target: ExportTarget): string {
  const servers = [
    { name: 'files', entry: { command: 'npx', args: ['-y', 'files'], env: { A: 'b' } } },
    { name: 'web', entry: { url: 'https://example.com/mcp', headers: { 'X-Key': 'k' } } },
    { name: 'two words', entry: { command: 'x', extra: { name: 'two words' } } },
  ];
  const { content } = exportServers(
    target,
    servers.map(({ name, entry }) => [name, { entry, baseDir: '/srv' }]),
  );
  return 'text' in content ? content.text : '';
}

const SAMPLES: Sample[] = [
  {
    target: 'claude',
    file: 'claude_desktop_config.json',
    text: MCP_SERVERS.replace('"web": {', '"web": { "type": "http",'),
  },
  {
    target: 'cursor',
    file: 'mcp.json',
    text: MCP_SERVERS.replace('LEVEL:-info', 'env:LEVEL').replace(
      '"cwd": "sub"',
      '"envFile": "${workspaceFolder}/.env"',
    ),
  },
  {
    target: 'windsurf',
    file: 'mcp_config.json',
    text: MCP_SERVERS.replace('LEVEL:-info', 'env:LEVEL').replaceAll('"url"', '"serverUrl"'),
  },
  {
    target: 'vscode',
    file: 'vscode.json',
    text: `{
  "inputs": [
    { "type": "promptString", "id": "github-token", "description": "Token", "password": true },
    { "type": "pickString", "id": "level", "options": ["a", "b"], "default": "a" }
  ],
  "servers": {
    "io.github.github/github-mcp-server": {
      "type": "stdio", "command": "npx", "args": ["-y", "gh", "\${workspaceFolder}/data"],
      "env": { "TOKEN": "\${input:github-token}", "LEVEL": "\${input:level}", "H": "\${env:HOME}", "PORT": 3000 },
      "envFile": "\${workspaceFolder}/.env", "gallery": true, "version": "1.2.3",
      "dev": { "watch": "src/**/*.ts", "debug": { "type": "node" } }
    },
    "fetch": { "command": "uvx", "args": ["mcp-server-fetch"] },
    "web": { "type": "http", "url": "https://example.com/mcp", "headers": { "X": "\${input:github-token}" } },
    "events": { "url": "https://example.com/sse" }
  }
}`,
  },
  {
    target: 'typed',
    file: 'typed.json',
    text: `{
  "servers": {
    "files": {
      "type": "nodejs", "command": "npx", "args": ["-y", "files", "."], "env": { "A": "\${A}" },
      "health_check": { "endpoint": "/health", "port": 3000, "interval": 30, "timeout": 5000, "retries": 3 },
      "description": "files of the project"
    },
    "script": { "type": "nodejs", "args": ["server.js"] },
    "python": {
      "type": "python", "command": "python", "args": ["-m", "srv"],
      "health_check": [
        { "name": "live", "endpoint": "/live", "port": 1, "interval": "10s" },
        { "name": "ready", "endpoint": "/ready", "timeout": 2 }
      ]
    }
  }
}`,
  },
  {
    target: 'codex',
    file: 'config.toml',
    text: `model = "o4"

[mcp_servers.files]
command = "npx"
args = ["-y", "files"]
env_vars = ["HOME", "FILES_TOKEN"]
startup_timeout_sec = 20
tool_timeout_sec = 90.5
enabled_tools = ["read"]

[mcp_servers.files.env]
LEVEL = "info"

[mcp_servers.web]
url = "https://example.com/mcp"
bearer_token_env_var = "WEB_TOKEN"
enabled = false
http_headers = { "X-Region" = "eu" }
env_http_headers = { "X-Key" = "WEB_KEY" }
`,
  },
  ...(
    [
      ['cline', 'cline_mcp_settings.json'],
      ['roo', 'mcp_settings.json'],
      ['gemini', 'settings.json'],
      ['copilot', 'mcp-config.json'],
      ['kiro', 'kiro.json'],
      ['amazonq', 'amazonq.json'],
      ['jetbrains', 'junie.json'],
      ['warp', 'warp.json'],
      ['amp', 'amp.json'],
      ['zed', 'zed.json'],
      ['opencode', 'opencode.json'],
      ['goose', 'goose.yaml'],
      ['continue', 'continue.yaml'],
      ['librechat', 'librechat.yaml'],
    ] as const
  ).map(([target, file]) => ({ target, file, text: plainOf(target) })),
  {
    target: 'registry',
    file: 'server.json',
    text: `{
  "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  "name": "io.github.acme/weather", "title": "Weather", "description": "Weather", "version": "1.2.3",
  "repository": { "url": "https://github.com/acme/weather", "source": "github" },
  "packages": [{
    "registryType": "npm", "identifier": "@acme/weather", "version": "1.2.3", "transport": { "type": "stdio" },
    "packageArguments": [
      { "type": "positional", "value": "serve" },
      { "type": "named", "name": "--units", "default": "metric" },
      { "type": "named", "name": "--dir", "value": "{root}/data", "variables": { "root": { "isRequired": true } } }
    ],
    "environmentVariables": [
      { "name": "WEATHER_KEY", "isRequired": true, "isSecret": true },
      { "name": "REGION", "default": "eu" }, { "name": "DEBUG" }
    ]
  }],
  "remotes": [{ "type": "streamable-http", "url": "https://weather.example/mcp" }],
  "_meta": { "x": 1 }
}`,
  },
  {
    target: 'mainspring',
    file: 'mainspring.json',
    text: `{
  "$schema": "./schema/mainspring.schema.json",
  "mcpServers": {
    "a": {
      "command": "node", "args": ["\${file:/k}"], "timeouts": { "start": "2m" }, "tags": ["x"],
      "restart": { "policy": "never" }, "meta": { "n": null }, "asIs": true, "dependsOn": ["b"],
      "validation": { "calls": [{ "tool": "t", "arguments": { "a": 1 }, "expect": "x" }] }
    },
    "marked": {
      "command": "node", "url": "https://localhost:1/mcp",
      "env": { "PIN": { "value": "\${env:PIN}", "secret": true }, "LEVEL": "info" },
      "headers": { "X-Pin": { "value": "\${file:/pin}", "secret": true } }
    },
    "b": { "mcpb": "/b.mcpb", "userConfig": { "k": "\${K}", "n": 1, "l": ["a"] }, "integrity": "sha256:00" }
  }
}`,
  },
];

async function read(file: string, text: string) {
  const place = path.join(folder(), file);
  await writeFile(place, text);
  const { entries, baseDir } = await readConfigFile(place);
  return entries.map(({ name, entry }): [string, { entry: ServerEntry; baseDir: string }] => [
    name,
    { entry, baseDir },
  ]);
}

function textOf(target: ExportTarget, servers: Awaited<ReturnType<typeof read>>, file?: string) {
  const { content } = exportServers(target, servers, { file });
  return 'text' in content ? content.text : '';
}

it.each(SAMPLES)('imports exactly what it exports for $target', async (sample) => {
  const { target, file, text } = sample;
  const first = await read(file, text);
  const exported = textOf(target, first, path.join(folder(), file));
  const second = await read(file, exported);
  expect(Object.fromEntries(second)).toEqual(Object.fromEntries(first));
  expect(textOf(target, second, path.join(folder(), file))).toBe(exported);
});

it.each(SAMPLES)(
  'preserves the meaning in another folder for $target',
  async ({ target, file, text }) => {
    const first = await read(file, text);
    const second = await read(`other-${file}`, textOf(target, first, '/somewhere/else.json'));
    const specs = (servers: typeof first) =>
      servers.map(([name, { entry, baseDir }]) => {
        const { process, ...spec } = specOf(name, { entry, baseDir });
        return { ...spec, process };
      });
    expect(specs(second)).toEqual(specs(first));
  },
);

it.each<[target: ExportTarget, document: RegExp[]]>([
  ['opencode', [/"mcp": \{/, /"command": \[\n\s+"npx",/, /"environment": \{/, /"\{env:TOKEN\}"/]],
  ['goose', [/^extensions:/, /cmd: npx/, /envs:/, /type: streamable_http\n\s+uri: /]],
  ['continue', [/^mcpServers:\n {2}- name: files/, /requestOptions:\n\s+headers:/]],
  ['gemini', [/"httpUrl": "https:/]],
  ['zed', [/"context_servers": \{/]],
  ['amp', [/"amp.mcpServers": \{/]],
  ['copilot', [/"type": "local"/, /"tools": \[\n\s+"\*"/]],
])('writes the format that %s reads', (target, patterns) => {
  const text = textOf(target, [
    [
      'files',
      {
        entry: { command: 'npx', args: ['-y', 'files'], env: { TOKEN: '${TOKEN}' } },
        baseDir: '/srv',
      },
    ],
    ['web', { entry: { url: 'https://a.test/mcp', headers: { X: 'k' } }, baseDir: '/srv' }],
  ]);
  for (const pattern of patterns) expect(text).toMatch(pattern);
});

it('exports the original registry document until the server is changed', async () => {
  const sample = SAMPLES.find(({ target }) => target === 'registry');
  const [server] = await read('server.json', sample?.text ?? '');
  if (!server) throw new Error('no server');
  expect(JSON.parse(textOf('registry', [server]))).toEqual(JSON.parse(sample?.text ?? ''));
  const [name, { entry, baseDir }] = server;
  const changed = { entry: { ...entry, args: ['-y', '@acme/weather@2.0.0'] }, baseDir };
  const document = textOf('registry', [[name, changed]]);
  expect(JSON.parse(document)).toMatchObject({
    name: 'local/weather',
    version: '2.0.0',
    packages: [{ registryType: 'npm', identifier: '@acme/weather', version: '2.0.0' }],
  });
  const [again] = await read('server.json', document);
  expect(again?.[1].entry).toMatchObject({ command: 'npx', args: changed.entry.args });
});

it('exports a bundle as its file', async () => {
  const bundle = path.join(folder(), 'weather.mcpb');
  await writeFile(bundle, zipOf({ 'manifest.json': '{"name": "weather", "server": {}}' }));
  const { entries, baseDir } = await readConfigFile(bundle);
  const servers = entries.map(
    ({ name, entry }): [string, { entry: ServerEntry; baseDir: string }] => [
      name,
      { entry, baseDir },
    ],
  );
  expect(exportServers('mcpb', servers)).toEqual({ content: { copyOf: bundle }, warnings: [] });
  expect((await readFile(bundle)).length).toBeGreaterThan(0);
});

it('reports members that another program does not support', async () => {
  const servers = await read('mainspring.json', SAMPLES.at(-1)?.text ?? '');
  const { warnings } = exportServers('claude', servers);
  expect(warnings).toEqual(
    expect.arrayContaining([
      'a.timeouts: Claude has no such setting',
      'a.validation: Claude has no such setting',
      'a: Claude does not support ${file:…}; the text is exported unchanged',
      'b: omitted because Claude cannot start bundles; export the file instead: --for mcpb',
    ]),
  );
  expect(JSON.parse(textOf('claude', servers))).not.toHaveProperty('mcpServers.b');
  expect(textOf('codex', servers)).not.toContain('[mcp_servers.b]');
  expect(exportServers('codex', servers).warnings).toContain(
    'a.args[0]: Codex does not resolve references; the text is exported unchanged',
  );
});

it('exports marked secrets as plain values for programs without marks, with a warning', async () => {
  const text = `{"mcpServers": {"bank": {
    "command": "x", "env": {"PIN": {"value": "\${PIN}", "secret": true}}, "cwd": "/"
  }, "web": {
    "url": "https://h/mcp", "headers": {"X-Pin": {"value": "4711", "secret": true}}
  }}}`;
  const servers = await read('mainspring.json', text);
  for (const target of ['claude', 'cursor', 'windsurf', 'vscode', 'typed', 'codex'] as const) {
    expect(textOf(target, servers)).not.toContain('secret');
    expect(exportServers(target, servers).warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^bank\.env\.PIN: .* does not support "secret"; only the value is exported$/,
        ),
        expect.stringMatching(
          /^web\.headers\.X-Pin: .* does not support "secret"; only the value is exported$/,
        ),
      ]),
    );
  }
  expect(JSON.parse(textOf('claude', servers))).toMatchObject({
    mcpServers: { bank: { env: { PIN: '${PIN}' } }, web: { headers: { 'X-Pin': '4711' } } },
  });
  expect(JSON.parse(textOf('registry', servers.slice(1)))).toMatchObject({
    remotes: [{ headers: [{ name: 'X-Pin', value: '4711', isSecret: true }] }],
  });
});

it('preserves the kind of server and whether it is disabled', async () => {
  const servers = await read(
    'mcp.json',
    `{"mcpServers": {
      "events": {"url": "https://example.com/sse"},
      "off": {"command": "x", "disabled": true}
    }}`,
  );
  expect(JSON.parse(textOf('claude', servers))).toMatchObject({
    mcpServers: { events: { type: 'sse' }, off: { disabled: true } },
  });
  const codex = exportServers('codex', servers);
  expect(codex.warnings).toEqual([
    'events.type: Codex supports remote servers over Streamable HTTP only',
  ]);
  expect(codex.content).toMatchObject({
    text: expect.stringMatching(/\[mcp_servers\.off\]\ncommand = "x"\nenabled = false/) as string,
  });
});

it('requires exactly one server for formats with one', async () => {
  const servers = await read('mainspring.json', SAMPLES.at(-1)?.text ?? '');
  expect(() => exportServers('registry', servers)).toThrow('exactly one server, got 3');
  expect(() => exportServers('mcpb', servers.slice(0, 1))).toThrow('"a" is not a bundle');
});
