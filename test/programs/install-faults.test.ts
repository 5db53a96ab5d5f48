import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorReport } from '../../src/base/errors';
import { type InstalledProgram, type NpmSource } from '../../src/domain/programs/programs';
import { isGroupAlive } from '../../src/process/group-liveness';
import { closeHarness, type Harness, openHarness } from './harness';
import { type Registry, startRegistry } from './registry';

const TINY: NpmSource = { method: 'npm', package: 'tiny-program', wanted: '1.0.0' };
const LOADER = path.resolve(__dirname, '../load-typescript.js');
const INSTALLER = path.resolve(__dirname, 'install-process.ts');

/** Line of output of `install-process.ts`. */
interface Line {
  pgid?: number;
  installed?: InstalledProgram;
  error?: ErrorReport;
}

let registry: Registry;
let harness: Harness;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  registry = await startRegistry();
  harness = await openHarness(registry.env);
  await registry.publish(
    { name: 'tiny-program', version: '1.0.0', bin: 'cli.js' },
    { 'cli.js': '#!/usr/bin/env node\n', 'data.txt': 'x'.repeat(4 * 1024 * 1024) },
  );
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await registry.close();
  await closeHarness(harness);
});

const programsFolder = () => path.join(harness.home, 'programs');
const builds = () => readdir(path.join(programsFolder(), 'builds'));
const published = async () =>
  (await readdir(programsFolder())).filter((name) => name.includes('@'));

/** Starts another process that installs into the same data directory. */
function startInstaller(
  launcher: string[] = [],
  env: NodeJS.ProcessEnv = {},
): { child: ChildProcess; lines: AsyncIterator<Line> } {
  const request = { source: TINY, allowScripts: [], force: false };
  const args = ['-r', LOADER, INSTALLER, env.TEST_HOME ?? harness.home, JSON.stringify(request)];
  const [command = '', ...all] = [...launcher, process.execPath, ...args];
  const child = spawn(command, all, {
    env: { ...process.env, ...registry.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  return { child, lines: parsed(child) };
}

async function* parsed({ stdout }: ChildProcess): AsyncGenerator<Line> {
  if (!stdout) return;
  for await (const line of createInterface({ input: stdout })) yield JSON.parse(line) as Line;
}

async function endOf(lines: AsyncIterator<Line>): Promise<Line> {
  for (;;) {
    const next = await lines.next();
    if (next.done) throw new Error('the installing process has ended without a word');
    if (next.value.installed ?? next.value.error) return next.value;
  }
}

/** Waits for another process; limited by the timeout of the test. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(5);
}

const isFetching = () => registry.requests.some((url) => url.endsWith('.tgz'));

it('survives kill -9 during an installation: npm ends with it, and the incomplete program is never used', async () => {
  registry.holdTarballs(true);
  const { child, lines } = startInstaller();
  const { pgid = 0 } = ((await lines.next()).value ?? {}) as Line;
  await until(isFetching);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  await until(() => !isGroupAlive(pgid));
  expect(await published()).toEqual([]);
  expect(await builds()).toHaveLength(1);

  registry.holdTarballs(false);
  const installed = await harness.install(TINY);
  expect(installed.reused).toBe(false);
  expect(existsSync(installed.run.args[0] ?? '')).toBe(true);
  await harness.programs.sweep();
  expect(await builds()).toHaveLength(1);
  expect(await harness.install(TINY, { pin: installed.pin })).toEqual({
    ...installed,
    reused: true,
  });
});

it('ends npm when an installation is cancelled, and leaves nothing behind', async () => {
  registry.holdTarballs(true);
  const cancel = new AbortController();
  const install = harness.install(TINY, {}, cancel.signal);
  await until(isFetching);
  const groups = [...harness.groups];
  expect(groups).toHaveLength(1);
  const reason = new Error('the user has cancelled it');
  cancel.abort(reason);
  await expect(install).rejects.toBe(reason);
  expect(groups.map(isGroupAlive)).toEqual([false]);
  expect(harness.groups.size).toBe(0);
  expect(await builds()).toEqual([]);
});

it('stops waiting for another installation when it is cancelled', async () => {
  registry.holdTarballs(true);
  const [first, second] = [new AbortController(), new AbortController()];
  const one = harness.install(TINY, {}, first.signal);
  await until(isFetching);
  const two = harness.install(TINY, {}, second.signal);
  second.abort(new Error('enough'));
  await expect(two).rejects.toThrow('enough');
  first.abort(new Error('enough'));
  await expect(one).rejects.toThrow('enough');
});

it('installs once when two processes request the same program', async () => {
  const [one, two] = [startInstaller(), startInstaller()];
  const ends = await Promise.all([endOf(one.lines), endOf(two.lines)]);
  const installed = ends.flatMap((line) => line.installed ?? []);
  expect(installed.map(({ reused }) => reused).sort()).toEqual([false, true]);
  expect(installed[0]?.run).toEqual(installed[1]?.run);
  expect(registry.requests.filter((url) => url.endsWith('.tgz'))).toHaveLength(1);
  expect(await builds()).toHaveLength(1);
});

it('reports a full disk, and leaves nothing on it', async () => {
  const small = await mkdtemp(path.join(os.tmpdir(), 'mainspring-test-small-'));
  const home = path.join(small, 'home');
  await mkdir(home);
  const { child, lines } = startInstaller(withLittleRoom(small), {
    TEST_HOME: home,
    TEST_STORE: harness.home,
  });
  const { error } = await endOf(lines);
  await once(child, 'exit');
  await rm(small, { recursive: true, force: true });
  expect(error).toMatchObject({ code: 'DISK_FULL' });
});

/** A file system in a mount namespace of its own, which ends with the process; where that is forbidden, a limit on files. */
function withLittleRoom(folder: string): string[] {
  const namespace = ['unshare', '--map-root-user', '--mount'];
  const mount = `mount -t tmpfs -o size=2m tmpfs "${folder}" && mkdir "${folder}/home"`;
  const [command = '', ...args] = [...namespace, 'sh', '-c', mount];
  const isPermitted = spawnSync(command, args).status === 0;
  if (isPermitted) return [...namespace, 'sh', '-c', `${mount} && exec "$@"`, 'sh'];
  return ['sh', '-c', 'ulimit -f 4096; exec "$@"', 'sh']; // blocks of 512 bytes
}

describe('the sweep', () => {
  it('removes builds of dead processes, and keeps those of live ones', async () => {
    await mkdir(path.join(programsFolder(), 'builds', '999999999-1-abcdef01', 'files'), {
      recursive: true,
    });
    registry.holdTarballs(true);
    const cancel = new AbortController();
    const install = harness.install(TINY, {}, cancel.signal);
    await until(isFetching);
    await harness.programs.sweep();
    expect(await builds()).toEqual([expect.stringContaining(`${process.pid}-`)]);
    cancel.abort(new Error('enough'));
    await expect(install).rejects.toThrow('enough');
  });

  it('ignores files that are not programs, as installations do', async () => {
    const { pin } = await harness.install(TINY);
    const folder = path.join(programsFolder(), 'builds');
    await writeFile(path.join(folder, '.DS_Store'), '');
    await writeFile(path.join(folder, '999999999-1-ab'), '');
    await mkdir(path.join(folder, 'odd', 'manifest.json'), { recursive: true });
    await symlink('builds/odd', path.join(programsFolder(), 'odd'));
    await symlink('nowhere', path.join(programsFolder(), 'broken'));
    await writeFile(path.join(programsFolder(), '.DS_Store'), '');
    await mkdir(path.join(folder, '999999999-1-cd'));
    await harness.programs.sweep();
    expect(await builds()).not.toContain('999999999-1-cd');
    expect(await harness.install(TINY, { pin })).toMatchObject({ reused: true });
    expect(await harness.install({ ...TINY, wanted: '^1.0.0' })).toMatchObject({ pin });
  });

  it('removes a replaced program only when no process can run from it', async () => {
    const names = ['old', 'running', 'just-replaced'].map((_, index) => `999999999-1-0${index}`);
    const [old = '', running = '', recent = ''] = names.map((name) =>
      path.join(programsFolder(), 'builds', name),
    );
    for (const folder of [old, running, recent]) {
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'manifest.json'), '{}');
      if (folder !== recent) await utimes(folder, 0, 0);
    }
    const wait = 'setInterval(() => undefined, 1_000); console.log(1)';
    const server = spawn(process.execPath, ['-e', wait, path.join(running, 'cli.js')]);
    children.add(server);
    await once(server.stdout, 'data');
    await harness.programs.sweep();
    expect([old, running, recent].map(existsSync)).toEqual([false, true, true]);
  });

  it('does nothing when nothing was installed', async () => {
    await harness.programs.sweep();
    expect(existsSync(programsFolder())).toBe(false);
  });
});
