import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { allConfigPaths, configPathsOf, type Program } from '../../src/offline/config-paths';
import { exportInventory, saveExport } from '../../src/offline/export-servers';
import {
  applyImport,
  type ImportOptions,
  planImport,
  readFoundConfigs,
} from '../../src/offline/import-servers';
import { newLegacyConfig } from '../../src/offline/legacy-config';
import { mergeConfigs, readConfigFiles } from '../../src/offline/origins';
import { readInventory, updateInventory } from '../../src/inventory/inventory';
import { removeByHand } from '../../src/inventory/merge/merge';
import { readSecrets } from '../../src/inventory/references/secrets-file';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();
const home = () => path.join(folder(), 'home');

async function config(name: string, servers: object): Promise<string> {
  const file = path.join(folder(), name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ mcpServers: servers }, null, 1));
  return file;
}

async function plan(file: string, options: ImportOptions = {}) {
  const { changes } = await planImport(home(), await readConfigFiles([file]), options);
  return changes;
}

async function apply(file: string, options: ImportOptions = {}) {
  return applyImport(home(), await readConfigFiles([file]), options);
}

const inventory = async () => (await readInventory(home())).servers;

it('shows the changes without applying them', async () => {
  const file = await config('a.json', { one: { command: 'x' }, two: { command: 'y' } });
  expect(await plan(file)).toEqual([
    expect.objectContaining({ name: 'one', change: 'added', file, line: 3, dialect: 'mcpServers' }),
    expect.objectContaining({ name: 'two', change: 'added', line: 6 }),
  ]);
  expect(await inventory()).toEqual({});
  await apply(file);
  await config('a.json', { one: { command: 'x' }, two: { command: 'z' } });
  expect((await plan(file)).map(({ change }) => change)).toEqual(['unchanged', 'changed']);
  await config('a.json', { one: { command: 'x' } });
  expect((await plan(file)).map(({ change }) => change)).toEqual(['unchanged', 'vanished']);
});

it('imports all parts of the file, not only servers', async () => {
  const file = path.join(folder(), 'all.json');
  await mkdir(home(), { recursive: true });
  const document = {
    mcpServers: { one: { command: 'x' } },
    alerts: [{ name: 'ops', log: true }],
    profiles: { dev: { servers: ['one'] } },
    gateway: { keys: { laptop: '${KEY}' } },
  };
  await writeFile(file, JSON.stringify(document));
  const rows = ['added one', 'added ops', 'added dev', 'added laptop'];
  expect((await plan(file)).map(({ name, change }) => `${change} ${name}`)).toEqual(rows);
  await apply(file);
  const { alerts, profiles, gateway } = await readInventory(home());
  expect({ alerts, profiles, gateway }).toMatchObject({
    alerts: [{ name: 'ops', origin: file }],
    profiles: { dev: { servers: ['one'] } },
    gateway: [{ keys: { laptop: '${KEY}' } }],
  });
});

it('imports servers again that were removed by hand', async () => {
  const file = await config('a.json', { one: { command: 'x' } });
  await apply(file);
  await updateInventory(home(), (all) => removeByHand(all, 'one'));
  await mergeConfigs(home(), await readConfigFiles([file]));
  expect(await inventory()).toEqual({});
  expect(await apply(file)).toMatchObject([{ name: 'one', change: 'added' }]);
  expect((await inventory())['one']?.entry.command).toBe('x');
});

describe('a taken name', () => {
  const setUp = async () => {
    await apply(await config('first.json', { one: { command: 'x' } }));
    return config('second.json', { one: { command: 'y' } });
  };

  it('stays with the first server', async () => {
    const file = await setUp();
    expect(await apply(file)).toEqual([
      expect.objectContaining({
        name: 'one',
        change: 'conflict',
        reason: expect.stringContaining('first.json)') as string,
      }),
    ]);
    expect((await inventory())['one']?.entry.command).toBe('x');
  });

  it('gets a number, and is recognised by it later', async () => {
    const file = await setUp();
    expect(await apply(file, { onConflict: 'rename' })).toEqual([
      expect.objectContaining({ name: 'one-2', change: 'added', writtenName: 'one' }),
    ]);
    expect((await inventory())['one-2']?.entry.command).toBe('y');
    expect((await plan(file)).map(({ name, change }) => [name, change])).toEqual([
      ['one-2', 'unchanged'],
    ]);
    await config('second.json', {});
    expect(await plan(file)).toEqual([
      expect.objectContaining({ name: 'one-2', change: 'vanished' }),
    ]);
  });

  it('replaces the other on request', async () => {
    const file = await setUp();
    await apply(file, { onConflict: 'overwrite' });
    const record = (await inventory())['one'];
    expect(record).toMatchObject({ entry: { command: 'y' }, origin: { file } });
  });
});

it('keeps the previous version of a server while its entry is invalid', async () => {
  const file = await config('a.json', { one: { command: 'x' }, two: { command: 'y' } });
  await apply(file);
  await config('a.json', { one: { args: ['x'] }, two: { command: 'y' } });
  const { changes, leftOut } = await planImport(home(), await readConfigFiles([file]), {});
  expect(changes.map(({ name, change }) => [name, change])).toEqual([['two', 'unchanged']]);
  expect(leftOut).toEqual([
    { file, line: 3, name: 'one', reason: 'mcpServers.one: missing command or url' },
  ]);
  await apply(file);
  expect((await inventory())['one']?.entry).toEqual({ command: 'x' });
});

it('keeps the name of a server when another with a colliding name is added', async () => {
  const acme = { 'io.github.acme/weather': { command: 'x' } };
  const file = await config('a.json', acme);
  await apply(file);
  await config('a.json', { ...acme, 'io.github.other/weather': { command: 'y' } });
  await apply(file);
  const names = async () =>
    Object.entries(await inventory()).map(([name, { entry }]) => [name, entry.command]);
  expect(await names()).toEqual([
    ['weather', 'x'],
    ['io-github-other-weather', 'y'],
  ]);
  expect((await plan(file)).map(({ change }) => change)).toEqual(['unchanged', 'unchanged']);
});

it('lists values to fill in: variables, inputs and placeholders', async () => {
  const file = path.join(folder(), 'mcp.json');
  const text = JSON.stringify({
    inputs: [{ id: 'key', description: 'Key of the forge', password: true }],
    servers: {
      forge: { command: 'x', env: { KEY: '${input:key}', SET: '${PATH}', HAS: '${NOT_SET:-d}' } },
      maps: { command: 'x', env: { MAPS_TOKEN: 'YOUR_MAPS_TOKEN', URL: '${MAPS_HOST_URL}' } },
    },
  });
  await writeFile(file, text);
  const { missing, changes } = await planImport(home(), await readConfigFiles([file]), {});
  expect(missing).toEqual([
    {
      variable: 'KEY',
      description: 'Key of the forge',
      neededBy: [{ server: 'forge', field: 'env.KEY' }],
    },
    { variable: 'MAPS_TOKEN', neededBy: [{ server: 'maps', field: 'env.MAPS_TOKEN' }] },
    { variable: 'MAPS_HOST_URL', neededBy: [{ server: 'maps', field: 'env.URL' }] },
  ]);
  expect(changes.flatMap(({ secrets }) => secrets)).toEqual([]);
  expect(changes[1]?.warnings).toEqual([
    'line 1: env.MAPS_TOKEN: "YOUR_MAPS_TOKEN" is a placeholder: set MAPS_TOKEN',
  ]);
});

it('reads the other files when one is broken', async () => {
  const good = await config('good.json', { one: { command: 'x' } });
  const bad = path.join(folder(), 'bad.json');
  await writeFile(bad, '{"mcpServers": ');
  const { configs, broken } = await readFoundConfigs([bad, good]);
  expect(configs.map(({ file }) => file)).toEqual([good]);
  expect(broken).toMatchObject([{ code: 'INVALID_JSON' }]);
});

describe('literal secrets', () => {
  const servers = {
    github: {
      command: 'x',
      env: { GITHUB_TOKEN: 'planted-1', LEVEL: 'info', OTHER_TOKEN: '${OTHER}' },
    },
    gitlab: { command: 'x', env: { GITHUB_TOKEN: 'planted-2' } },
    web: { url: 'https://a/mcp', headers: { Authorization: 'Bearer planted-3' } },
  };

  it('are reported, but never shown', async () => {
    const changes = await plan(await config('a.json', servers));
    expect(changes.map(({ secrets }) => secrets)).toEqual([
      ['env.GITHUB_TOKEN'],
      ['env.GITHUB_TOKEN'],
      ['headers.Authorization'],
    ]);
    expect(JSON.stringify(changes)).toContain('looks like a secret');
    expect(JSON.stringify(changes)).not.toContain('planted');
  });

  it('are moved into secrets.env on request, and stay there', async () => {
    const file = await config('a.json', servers);
    const text = await readFile(file, 'utf8');
    await apply(file, { extractSecrets: true });
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await readSecrets(home())).toEqual({
      GITHUB_TOKEN: 'planted-1',
      GITLAB_GITHUB_TOKEN: 'planted-2',
      WEB_AUTHORIZATION: 'planted-3',
    });
    const records = await inventory();
    expect(records['github']?.entry.env).toEqual({
      GITHUB_TOKEN: '${GITHUB_TOKEN}',
      LEVEL: 'info',
      OTHER_TOKEN: '${OTHER}',
    });
    expect(records['web']?.entry.headers).toEqual({
      Authorization: 'Bearer ${WEB_AUTHORIZATION}',
    });
    expect(JSON.stringify(records)).not.toContain('planted');
    expect((await plan(file)).map(({ change }) => change)).toEqual(Array(3).fill('unchanged'));
    const { content } = await exportInventory(home(), {
      ...{ target: 'claude', names: [], gateway: false },
    });
    expect(JSON.stringify(content)).not.toContain('planted');
  });
});

describe('an export', () => {
  const request = { target: 'claude' as const, names: [], gateway: false };

  it('contains the named servers, or the gateway', async () => {
    await apply(await config('a.json', { one: { command: 'x' }, two: { command: 'y' } }));
    const textOf = async (more: object) => {
      const { content } = await exportInventory(home(), { ...request, ...more });
      return 'text' in content ? (JSON.parse(content.text) as unknown) : undefined;
    };
    expect(await textOf({ names: ['two'] })).toEqual({ mcpServers: { two: { command: 'y' } } });
    expect(await textOf({ gateway: true })).toEqual({
      mcpServers: { mainspring: { command: 'mainspring', args: ['stdio'] } },
    });
    await expect(textOf({ names: ['tow'] })).rejects.toMatchObject({ code: 'UNKNOWN_SERVER' });
  });

  it('overwrites a file only when allowed', async () => {
    const file = path.join(folder(), 'out.json');
    await saveExport(file, { text: '1' }, { overwrite: false });
    await expect(saveExport(file, { text: '2' }, { overwrite: false })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    await saveExport(file, { text: '2' }, { overwrite: true });
    await saveExport(`${file}.copy`, { copyOf: file }, { overwrite: false });
    expect(await readFile(`${file}.copy`, 'utf8')).toBe('2');
  });
});

describe('default locations', () => {
  it.each<[Program, NodeJS.Platform, string[]]>([
    [
      'claude',
      'darwin',
      [
        '/w/.mcp.json',
        '/u/Library/Application Support/Claude/claude_desktop_config.json',
        '/u/.claude.json',
      ],
    ],
    [
      'claude',
      'linux',
      ['/w/.mcp.json', '/u/.config/Claude/claude_desktop_config.json', '/u/.claude.json'],
    ],
    ['cursor', 'linux', ['/w/.cursor/mcp.json', '/u/.cursor/mcp.json']],
    ['windsurf', 'linux', ['/u/.codeium/windsurf/mcp_config.json']],
    ['codex', 'linux', ['/w/.codex/config.toml', '/u/.codex/config.toml']],
    ['gemini', 'linux', ['/w/.gemini/settings.json', '/u/.gemini/settings.json']],
    ['goose', 'darwin', ['/u/.config/goose/config.yaml']],
    ['zed', 'linux', ['/w/.zed/settings.json', '/u/.config/zed/settings.json']],
    ['amazonq', 'linux', ['/w/.amazonq/mcp.json', '/u/.aws/amazonq/mcp.json']],
  ])('%s on %s', (program, platform, places) => {
    expect(configPathsOf(program, { platform, env: {}, home: '/u', cwd: '/w' })).toEqual(places);
  });

  it('include a legacy file in the working directory when no program is named', () => {
    const places = allConfigPaths({ platform: 'linux', env: {}, home: '/u', cwd: '/w' });
    expect(places).toEqual(expect.arrayContaining(['/w/mcp_servers.json', '/w/.mcp.json']));
  });

  it('follow environment variables', () => {
    const at = (program: Program, platform: NodeJS.Platform, env: Record<string, string>) =>
      configPathsOf(program, { platform, env, home: '/u', cwd: '/w' });
    expect(at('vscode', 'linux', { XDG_CONFIG_HOME: '/x' })).toContain('/x/Code/User/mcp.json');
    expect(at('claude', 'win32', { APPDATA: '/a' })).toContain(
      '/a/Claude/claude_desktop_config.json',
    );
    expect(at('codex', 'linux', { CODEX_HOME: '/c' })).toContain('/c/config.toml');
  });
});

it('reports a legacy file until one of its servers is in the inventory', async () => {
  const work = path.join(folder(), 'work');
  expect(await newLegacyConfig(home(), work)).toBeUndefined();
  const file = await config('work/mcp_servers.json', {
    old: { command: 'x' },
    b: { command: 'y' },
  });
  expect(await newLegacyConfig(home(), work)).toMatchObject({ file, entries: [{}, {}] });
  await apply(file);
  expect(await newLegacyConfig(home(), work)).toBeUndefined();
});
