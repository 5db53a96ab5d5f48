import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { checkCommand } from '../../src/process/command';
import { type ProcessGroup, spawnGroup, type SpawnOptions } from '../../src/process/spawn';
import { killGroup, stopGroup } from '../../src/process/stop';
import { isGroupAlive } from '../../src/process/group-liveness';
import { identityOf, isAlive } from '../../src/process/process-identity';
import { processStats } from '../../src/process/process-stats';

describe('process groups', () => {
  let folder: string;
  const groups: ProcessGroup[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mainspring-spawn-'))));
  afterEach(async () => {
    await Promise.all(groups.splice(0).map(({ pid }) => killGroup(pid)));
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(script: string, over: Partial<SpawnOptions> = {}): Promise<ProcessGroup> {
    const options = { command: 'sh', args: ['-c', script], env: {}, cwd: folder, ...over };
    const group = await spawnGroup(options);
    groups.push(group);
    return group;
  }
  /** Resolves when the script has said that it is ready. */
  const ready = (group: ProcessGroup) =>
    new Promise((resolve) => group.stdout.once('data', resolve));

  test('get the allowed variables, the given ones, and their folder', async () => {
    process.env.HOST_ONLY = 'x';
    const group = await start('env; pwd', { env: { GIVEN: 'yes' } });
    delete process.env.HOST_ONLY;
    const output = await text(group.stdout);
    expect(output).toContain('GIVEN=yes');
    expect(output).toContain(`PATH=${process.env.PATH}`);
    expect(output).toContain(folder);
    expect(output).not.toContain('HOST_ONLY');
  });

  test('report how their leader ended', async () => {
    expect(await (await start('exit 4')).exited).toEqual({ code: 4, signal: null });
    expect(await (await start('kill -9 $$')).exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('are announced before anything else can happen, and killed if that fails', async () => {
    let pid = 0;
    const onSpawn = (pgid: number) => {
      pid = pgid;
      throw new Error('disk full');
    };
    await expect(start('sleep 60', { onSpawn })).rejects.toThrow('disk full');
    await killGroup(pid);
    expect(isGroupAlive(pid)).toBe(false);
  });

  test('end with the end of their stdin if they can', async () => {
    const group = await start('read -r line; exit 3');
    expect(await stopGroup(group, { graceMs: 5_000 })).toEqual({ code: 3, signal: null });
  });

  test('end with SIGTERM if they ignore the end of their stdin', async () => {
    const group = await start('exec sleep 60');
    expect(await stopGroup(group, { graceMs: 5_000 })).toMatchObject({ signal: 'SIGTERM' });
  });

  test('end with SIGKILL, grandchildren included, if they ignore everything', async () => {
    const group = await start(`trap '' TERM; (trap '' TERM; sleep 60) & echo ready; sleep 60`);
    await ready(group);
    expect(await stopGroup(group, { graceMs: 100 })).toMatchObject({ signal: 'SIGKILL' });
    expect(isGroupAlive(group.pid)).toBe(false);
  });

  test('are gone only when the grandchildren are, even if the leader exited immediately', async () => {
    const group = await start(`(trap '' TERM; echo ready; sleep 60) & read -r line`);
    await ready(group);
    expect(await stopGroup(group, { graceMs: 100 })).toMatchObject({ signal: null });
    expect(isGroupAlive(group.pid)).toBe(false);
  });

  test('are stopped once, however often it is requested', async () => {
    const group = await start('exec sleep 60');
    const stops = [stopGroup(group, { graceMs: 5_000 }), stopGroup(group, { graceMs: 0 })];
    expect(new Set((await Promise.all(stops)).map(({ signal }) => signal))).toEqual(
      new Set(['SIGTERM']),
    );
  });

  test('show their memory and processor time', async () => {
    // A program that has only just been executed has no memory of its own to speak of yet.
    const group = await start('echo ready; read -r line');
    await ready(group);
    expect(processStats(group.pid)).toMatchObject({ cpuSeconds: expect.any(Number) as number });
    expect(processStats(group.pid)?.rssBytes).toBeGreaterThan(100_000);
    await killGroup(group.pid);
    await group.exited;
    expect(processStats(group.pid)).toBeUndefined();
  });

  test('have an identity that another process with the same pid has not', async () => {
    const group = await start('read -r line');
    const identity = identityOf(group.pid);
    expect(isAlive(identity)).toBe(true);
    expect(isAlive({ ...identity, startTime: (identity.startTime ?? 0) + 1 })).toBe(false);
    await killGroup(group.pid);
    await group.exited;
    expect(isAlive(identity)).toBe(false);
  });
});

describe('checkCommand', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mainspring-command-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: string, mode: number) => {
    writeFileSync(join(folder, name), content, { mode });
    return join(folder, name);
  };

  test('takes a program on PATH, by its path, and relative to the folder', () => {
    file('tool.sh', '#!/bin/sh\n', 0o755);
    checkCommand('sh', folder);
    checkCommand(join(folder, 'tool.sh'), '/');
    checkCommand('./tool.sh', folder);
    checkCommand('tool.sh', '/', { PATH: folder });
  });

  test('refuses a program that is not on PATH, with a near one', () => {
    file('weather-server', '#!/bin/sh\n', 0o755);
    const check = () => checkCommand('wether-server', folder, { PATH: folder });
    expect(check).toThrow(
      `"wether-server" is not on PATH (${folder}); did you mean "weather-server"?`,
    );
  });

  test.each([
    ['a file that is not there', () => './missing', 'COMMAND_NOT_FOUND'],
    ['a folder', () => folder, 'COMMAND_NOT_FOUND'],
    [
      'a file that is not executable',
      () => file('a', '#!/bin/sh\n', 0o644),
      'COMMAND_NOT_EXECUTABLE',
    ],
    [
      'a script without interpreter',
      () => file('b', 'console.log(1)\n', 0o755),
      'COMMAND_NOT_EXECUTABLE',
    ],
  ])('refuses %s', (_title, command, code) => {
    expect(() => checkCommand(command(), folder)).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });

  test('refuses a folder that is not there', () => {
    expect(() => checkCommand('sh', join(folder, 'no'))).toThrow(
      expect.objectContaining({ code: 'DIRECTORY_NOT_FOUND' }) as Error,
    );
  });
});
