import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

const tiny = (env: Record<string, string> = {}): ServerEntry => ({
  command: process.execPath,
  args: [fixture('tiny-server.js')],
  ...(Object.keys(env).length > 0 && { env }),
});

let instance: TestInstance;

beforeAll(async () => {
  instance = await startInstance({ config: { plain: tiny() }, args: ['--watch'] });
});

const configText = (servers: Record<string, ServerEntry>) =>
  JSON.stringify({ mcpServers: servers });

/** As editors save: another file takes the place. */
function replaceConfig(text: string): void {
  const temporary = `${instance.configFile}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, instance.configFile);
}

const statusOf = async (name: string) => instance.client.servers.get(name).catch(() => undefined);

async function pidOf(name: string): Promise<number> {
  return until(`${name} to run`, async () => {
    const status = await statusOf(name);
    return status?.state === 'RUNNING' ? (status.pid ?? undefined) : undefined;
  });
}

it('reloads by itself when a config, or a .env beside it, has changed', async () => {
  const plain = await pidOf('plain');
  replaceConfig(configText({ plain: tiny(), told: tiny({ TOOLS_VERSION: '${WORD:-none}' }) }));
  const first = await pidOf('told');
  writeFileSync(path.join(instance.folder, '.env'), 'WORD=new\n');
  await until('a server with the new word', async () => (await pidOf('told')) !== first);
  const tools = await instance.client.tools.list('told');
  expect(tools.map(({ name }) => name)).toContain('added_in_new');
  expect(await pidOf('plain')).toBe(plain);
});

it('keeps everything when a config is broken, says so in one line, and goes on when it is right again', async () => {
  const plain = await pidOf('plain');
  const before = instance.said().length;
  writeFileSync(instance.configFile, '{"mcpServers": {\n"plain": ');
  const line = await until(
    'a line about it',
    () => /Nothing was changed: .*/.exec(instance.said().slice(before))?.[0],
  );
  expect(line).toContain(`[INVALID_JSON] ${instance.configFile}:2:`);
  expect(await pidOf('plain')).toBe(plain);
  replaceConfig(configText({ plain: tiny() }));
  await until('the other to be gone', async () => (await statusOf('told')) === undefined);
  expect(await pidOf('plain')).toBe(plain);
});

it('costs a bad entry itself, and nothing else', async () => {
  const plain = await pidOf('plain');
  const entries = { plain: tiny(), second: tiny(), bad: { args: ['x'] } };
  replaceConfig(JSON.stringify({ mcpServers: entries }));
  await pidOf('second');
  expect(instance.said()).toContain(
    `Warning: ${instance.configFile}:1: skipped bad: mcpServers.bad: missing command or url`,
  );
  expect(await statusOf('bad')).toBeUndefined();
  // What was good before stays as it was.
  replaceConfig(JSON.stringify({ mcpServers: { ...entries, plain: { args: ['x'] } } }));
  await until('a line about it', () => instance.said().includes('skipped plain') || undefined);
  expect(await pidOf('plain')).toBe(plain);
  replaceConfig(configText({ plain: tiny() }));
  await until('the other to be gone', async () => (await statusOf('second')) === undefined);
});

interface Imported {
  changes: { name: string; change: string }[];
  applied: boolean;
}

it('imports into a running instance, first without changing anything', async () => {
  const file = path.join(instance.folder, 'mcp.json');
  const text = JSON.stringify({ servers: { 'my editor': { type: 'stdio', ...tiny() } } });
  writeFileSync(file, text);
  const dry = await instance.cli<Imported>('import', file, '--json');
  expect(dry).toMatchObject({
    code: 0,
    json: { changes: [{ name: 'my-editor', change: 'added' }], applied: false },
  });
  expect(await statusOf('my-editor')).toBeUndefined();
  const said = await instance.cli('import', file);
  expect(said.stdout).toMatch(/added\s+my-editor\s+vscode/);
  expect(said.stderr).toContain(
    'Nothing was changed. To apply the changes, run the same command with --yes.',
  );

  const applied = await instance.cli<Imported>('import', file, '--yes', '--json');
  expect(applied).toMatchObject({ code: 0, json: { applied: true } });
  await pidOf('my-editor');
  expect(readFileSync(file, 'utf8')).toBe(text);

  const output = path.join(instance.folder, 'out.json');
  const exported = await instance.cli('export', '--for', 'vscode', 'my-editor', '--output', output);
  expect(exported.code).toBe(0);
  expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual(JSON.parse(text));
  const again = await instance.cli('export', '--for', 'vscode', '--output', output, '--json');
  expect(again).toMatchObject({ code: 1, json: { error: { code: 'FILE_EXISTS' } } });
  const both = await instance.cli('import', file, '--from', 'claude', '--json');
  expect(both).toMatchObject({ code: 2, json: { error: { code: 'WRONG_USAGE' } } });
});

it('takes over what is good in a file, names the rest, and lists what is to be filled in', async () => {
  const file = path.join(instance.folder, 'mixed.json');
  const text = JSON.stringify({
    mcpServers: {
      fine: tiny(),
      wordless: { args: ['x'] },
      asking: { ...tiny({ KEY: 'YOUR_KEY' }), disabled: true },
      off: { ...tiny(), isActive: false },
    },
  });
  writeFileSync(file, text);
  const dry = await instance.cli('import', file);
  expect(dry.code).toBe(0);
  expect(dry.stdout).toContain(`${file}:1: wordless: mcpServers.wordless: missing command or url`);
  expect(dry.stdout).toMatch(
    /Set these variables before starting the servers:[^]*KEY\s+asking \(env\.KEY\)/,
  );
  const applied = await instance.cli<Imported>('import', file, '--yes', '--json');
  expect(applied).toMatchObject({
    code: 0,
    json: { applied: true, leftOut: [{ name: 'wordless', line: 1 }] },
  });
  await pidOf('fine');
  expect((await statusOf('off'))?.enabled).toBe(false);
  expect(await statusOf('wordless')).toBeUndefined();

  const none = path.join(instance.folder, 'none.json');
  writeFileSync(none, '{"theme": "dark"}');
  expect(await instance.cli('import', none, '--json')).toMatchObject({
    code: 1,
    json: { error: { code: 'INVALID_CONFIG' } },
  });
});

it('tells of each server what a reload did, and keeps out what was removed by hand', async () => {
  replaceConfig(configText({ plain: tiny(), taken: tiny() }));
  await pidOf('taken');
  const removed = await instance.cli('remove', 'taken');
  expect(removed.stdout).toContain(`It is still in ${instance.configFile}`);
  const other = path.join(instance.folder, 'other.json');
  writeFileSync(other, configText({ apart: tiny() }));
  await instance.cli('import', other, '--yes');
  await pidOf('apart');
  writeFileSync(other, '{');
  const bad = tiny({ EXIT_AT_START: '3' });
  replaceConfig(configText({ plain: tiny(), taken: tiny(), bad }));
  await until('bad to fail', async () => (await statusOf('bad'))?.state === 'ERROR');
  interface Row {
    name?: string;
    file?: string;
    change?: string | null;
    state?: string | null;
    reason?: string;
    error?: { code: string };
  }
  const { code, json } = await instance.cli<Row[]>('reload', '--all', '--json');
  const rows = json.map(({ name = '', file = name, change, state, reason, error }) => [
    file,
    { change, state, reason, code: error?.code },
  ]);
  expect(Object.fromEntries(rows)).toMatchObject({
    apart: { change: null, state: 'RUNNING' },
    bad: { change: 'unchanged', state: 'ERROR', code: 'SERVER_EXITED' },
    plain: { change: 'unchanged', state: 'RUNNING' },
    taken: {
      change: 'left out',
      state: null,
      reason: expect.stringContaining(instance.configFile) as string,
    },
    [other]: { code: 'INVALID_JSON' },
  });
  expect(code).toBe(1);
  expect(await statusOf('taken')).toBeUndefined();
  await instance.cli('import', instance.configFile, '--yes');
  await pidOf('taken');
  rmSync(other);
  expect((await instance.cli('remove', 'apart')).stdout).toBe('Removed apart.\n');
});
