import { spawn } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Finding } from '../../src/doctor/finding';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { useTemporaryFolder } from '../temporary-folder';

const COMMAND = path.resolve(__dirname, '../../bin/mainspring.js');
const SECRET = 'a-secret-that-nobody-may-see';

const folder = useTemporaryFolder();
const home = () => path.join(folder(), 'home');

interface Report {
  ok: boolean;
  findings: Finding[];
  fixes?: { id: string; done: boolean }[];
  error?: { code: string };
}

async function keep(entries: Record<string, ServerEntry>): Promise<void> {
  const record = { origin: 'cli', baseDir: folder(), addedAtMs: 0, meta: {} };
  const servers = Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, { entry, ...record }]),
  );
  await mkdir(home(), { recursive: true, mode: 0o700 });
  await writeFile(path.join(home(), 'inventory.json'), JSON.stringify({ version: 1, servers }));
}

async function run(args: string[], env: NodeJS.ProcessEnv = {}) {
  const variables = { ...process.env, MAINSPRING_HOME: home(), TEMPORAL_ADDRESS: '', ...env };
  const child = spawn(process.execPath, [COMMAND, 'doctor', ...args], { env: variables });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(text).not.toContain(SECRET);
  return { code, text };
}

/** By id, what each finding says. */
async function doctor(args: string[], env?: NodeJS.ProcessEnv) {
  const { code, text } = await run([...args, '--json'], env);
  const report = JSON.parse(text) as Report;
  const statuses = Object.fromEntries(
    (report.findings ?? []).map(({ id, status }) => [id, status] as const),
  );
  const find = (id: string) => report.findings.find((finding) => finding.id === id);
  return { code, report, statuses, find };
}

const python = { command: 'uvx', args: ['mcp-server-time'] };
const node = { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] };

it('names what servers lack, whom it concerns and what to type', async () => {
  await keep({
    time: python,
    hub: { command: process.execPath, env: { A: '${UNSET_VARIABLE}', B: '${HUB_TOKEN}' } },
    lost: { command: 'no-such-program', env: { C: '${GOOD_TOKEN}' } },
    off: { command: 'other-program', disabled: true },
  });
  const env = { HUB_TOKEN: '', GOOD_TOKEN: SECRET };
  const { code, report, statuses, find } = await doctor([], env);
  expect([code, report.ok]).toEqual([1, false]);
  expect(statuses).toMatchObject({
    ...{ node: 'ok', npm: 'ok', python: 'ok', home: 'ok', variables: 'ok' },
    ...{ 'variable:UNSET_VARIABLE': 'missing', 'variable:HUB_TOKEN': 'missing' },
    'command:lost': 'missing',
  });
  expect(statuses).not.toHaveProperty('command:off');
  expect(find('variable:HUB_TOKEN')).toMatchObject({ affects: ['hub'], found: 'empty' });
  expect(find('python')).toMatchObject({ affects: ['time'] });

  const { text } = await run([], env);
  expect(text).toMatch(/^missing +HUB_TOKEN +empty\n.*\n +affects: hub\n +fix: export/m);
  expect(text).toMatch(/^3 missing, \d+ warnings?, \d+ ok\./m);

  const one = await doctor(['time'], env);
  expect([one.code, Object.keys(one.statuses)]).toEqual([0, ['python', 'uv']]);
  expect((await doctor(['tiem'], env)).report.error).toMatchObject({ code: 'UNKNOWN_SERVER' });
});

it('says what is missing on a machine with nothing but Node.js', async () => {
  await keep({ time: python, everything: node });
  const bin = path.join(folder(), 'bin');
  await mkdir(bin);
  symlinkSync(process.execPath, path.join(bin, 'node'));
  const { code, statuses, find } = await doctor([], { PATH: bin });
  expect(code).toBe(1);
  expect(statuses).toMatchObject({ npm: 'missing', python: 'missing', uv: 'warning', git: 'ok' });
  expect(find('npm')?.fix).toEqual(expect.any(String));
  expect(find('npm')?.affects).toEqual(['everything']);
});

it('needs no data directory, and makes it with --fix', async () => {
  const before = await doctor([]);
  expect(before.statuses).toMatchObject({ home: 'ok' });
  expect(before.find('home')?.found).toContain('created by the first up');
  const { report, find } = await doctor(['--fix']);
  expect(report.fixes).toMatchObject([{ id: 'home', done: true }]);
  expect(find('home')?.found).toBe(home());
});

it('installs uv with --fix, and then finds it', async () => {
  await keep({ time: python });
  // Whatever uv this machine has is not on this PATH; Python is.
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const PATH = folders.filter((dir) => !existsSync(path.join(dir, 'uv'))).join(path.delimiter);
  expect((await doctor(['time'], { PATH })).statuses).toMatchObject({ uv: 'warning' });
  const { code, text } = await run(['time', '--fix'], { PATH });
  expect(text).toContain('Changed: uv: warning → ok');
  expect(code).toBe(0);
  const { find } = await doctor(['time'], { PATH });
  expect(find('uv')?.found).toContain(path.join(home(), 'tools', 'uv'));
});

it('looks at a config before it is imported, and only at what its servers need', async () => {
  await keep({ known: { command: 'no-such-program-here' } });
  const file = path.join(folder(), 'servers.json');
  const servers = { hub: { command: process.execPath, env: { A: '${UNSET_VARIABLE}' } } };
  await writeFile(file, JSON.stringify({ mcpServers: servers, theme: 'dark' }));
  const { code, text } = await run(['--config', file]);
  expect(code).toBe(1);
  expect(text).toContain('UNSET_VARIABLE');
  expect(text).toContain('ignored: theme');
  expect(text).not.toContain('known');
  const set = await run(['--config', file], { UNSET_VARIABLE: 'x' });
  expect(set.code).toBe(0);
});
