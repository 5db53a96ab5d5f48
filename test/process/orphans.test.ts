import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { groupMarks, openGroupRecords } from '../../src/process/group-records';
import { isGroupAlive } from '../../src/process/group-liveness';
import { type Guard, startGuard } from '../../src/process/guard';
import { identityOf, isAlive } from '../../src/process/process-identity';
import { type ProcessGroup, spawnGroup } from '../../src/process/spawn';
import { killGroup } from '../../src/process/stop';
import { sweepOrphans, sweepUp } from '../../src/process/sweep';
import { compileSource, NODE_PATH } from './compiled';

interface HostPids {
  host: number;
  guard?: number;
  leader: number;
  child: number;
  escaped: number;
}

const compiled = mkdtempSync(join(tmpdir(), 'mainspring-compiled-'));
beforeAll(() => compileSource(['base', 'domain', 'process'], compiled));
afterAll(() => rmSync(compiled, { recursive: true, force: true }));

let home: string;
const toKill = new Set<number>();
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'mainspring-home-'))));
afterEach(async () => {
  for (const pid of toKill) if (isAlive({ pid })) process.kill(pid, 'SIGKILL');
  // The sweep leaves alone what belongs to a living host, and that is what it finds too early.
  await until(() => ![...toKill].some((pid) => isAlive({ pid })));
  toKill.clear();
  await sweepOrphans(home);
  rmSync(home, { recursive: true, force: true });
});

async function startHost(hostId: string, mode: 'guard' | 'no-guard') {
  const args = [resolve(__dirname, '../fixtures/host.js'), compiled, home, hostId, mode];
  const host = spawn(process.execPath, args, {
    env: { ...process.env, NODE_PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: host.stdout })) {
    const pids = JSON.parse(line) as HostPids;
    for (const pid of Object.values(pids) as number[]) toKill.add(pid);
    return { host, pids };
  }
  throw new Error('the host did not start');
}

async function killHost(host: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(host, 'exit');
  host.kill(signal);
  await exited;
}

/** Waits for what another process does; the test's own timeout is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

describe('the guard', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'kills the groups of a host that dies by %s, grandchildren included',
    async (signal) => {
      const { host, pids } = await startHost('one', 'guard');
      await killHost(host, signal);
      await until(() => !isAlive({ pid: pids.leader }) && !isAlive({ pid: pids.child }));
      await until(() => !isAlive({ pid: pids.guard ?? 0 }));
    },
  );

  test('ignores the signals that a terminal sends', async () => {
    const { host, pids } = await startHost('one', 'guard');
    const { guard = 0 } = pids;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(guard, signal);
    await killHost(host, 'SIGKILL');
    await until(() => !isAlive({ pid: pids.leader }) && !isAlive({ pid: pids.child }));
  });

  describe('in a living host', () => {
    let guard: Guard;
    const groups: ProcessGroup[] = [];
    beforeEach(() => (guard = startGuard()));
    afterEach(async () => {
      await guard.close();
      await Promise.all(groups.splice(0).map(({ pid }) => killGroup(pid)));
    });
    const start = async () => {
      const options = { command: 'sleep', args: ['600'], env: {}, cwd: home };
      const group = await spawnGroup({ ...options, onSpawn: (pgid) => guard.watch(pgid) });
      groups.push(group);
      return group;
    };

    test('kills watched groups when it is closed, and not released ones', async () => {
      const [watched, released] = [await start(), await start()];
      guard.release(released.pid);
      await guard.close();
      await watched.exited;
      expect(isGroupAlive(released.pid)).toBe(true);
    });

    test('gives groups time to end by themselves, and waits for no other', async () => {
      await guard.close();
      guard = startGuard({ graceS: 3_600 });
      const [first, second] = [await start(), await start()];
      const closing = guard.close();
      for (const { pid } of [first, second]) process.kill(-pid, 'SIGTERM');
      await closing;
      expect([await first.exited, await second.exited].map(({ signal }) => signal)).toEqual([
        'SIGTERM',
        'SIGTERM',
      ]);
    });

    test('kills groups that do not end in time', async () => {
      await guard.close();
      guard = startGuard({ graceS: 1 });
      const group = await start();
      await guard.close();
      expect(await group.exited).toMatchObject({ signal: 'SIGKILL' });
    });

    test('is started again when it dies, and knows all groups', async () => {
      const { pid: guardPid = 0 } = guard;
      const [first, released] = [await start(), await start()];
      guard.release(released.pid);
      process.kill(guardPid, 'SIGKILL');
      await until(() => guard.pid !== guardPid);
      const second = await start();
      await guard.close();
      await Promise.all([first.exited, second.exited]);
      expect(isGroupAlive(released.pid)).toBe(true);
    });
  });
});

describe('sweepOrphans', () => {
  test('kills the processes of a dead host, also outside of its groups, and removes its record', async () => {
    const { host, pids } = await startHost('one', 'no-guard');
    await killHost(host, 'SIGKILL');
    expect([pids.leader, pids.child, pids.escaped].every((pid) => isAlive({ pid }))).toBe(true);
    const swept = await sweepOrphans(home);
    expect(swept).toContainEqual({ hostId: 'one', server: 'tiny', pid: pids.leader });
    expect(swept.map(({ pid }) => pid)).toEqual(expect.arrayContaining([pids.child, pids.escaped]));
    expect([pids.leader, pids.child, pids.escaped].some((pid) => isAlive({ pid }))).toBe(false);
    expect(existsSync(join(home, 'hosts', 'one.json'))).toBe(false);
    expect(await sweepOrphans(home)).toEqual([]);
  });

  test('does not touch the groups of a living host', async () => {
    const { pids } = await startHost('one', 'no-guard');
    expect(await sweepOrphans(home)).toEqual([]);
    expect(isAlive({ pid: pids.child })).toBe(true);
    expect(existsSync(join(home, 'hosts', 'one.json'))).toBe(true);
  });

  test('does not touch a successor with the same id, and finds nothing in an empty home', async () => {
    expect(await sweepOrphans(home)).toEqual([]);
    const { host } = await startHost('one', 'no-guard');
    await killHost(host, 'SIGKILL');
    const group = await spawnGroup({
      ...{ command: 'sleep', args: ['600'], cwd: home },
      env: groupMarks('one', 'tiny'),
    });
    await sweepOrphans(home);
    expect(isGroupAlive(group.pid)).toBe(true);
    await killGroup(group.pid);
  });
});

describe('sweepUp', () => {
  test('kills the parts that a dead up had recorded, and nothing with a reused pid', async () => {
    const start = () => spawnGroup({ command: 'sleep', args: ['600'], env: {}, cwd: home });
    const [part, stranger] = [await start(), await start()];
    const record = {
      host: { pid: 1, startTime: 1 },
      groups: [
        { server: 'temporal', leader: identityOf(part.pid) },
        { server: 'host', leader: { pid: stranger.pid, startTime: 1 } },
      ],
    };
    writeFileSync(join(home, 'up.json'), JSON.stringify(record));
    expect(await sweepUp(home)).toEqual([{ hostId: 'up', server: 'temporal', pid: part.pid }]);
    expect([part, stranger].map(({ pid }) => isGroupAlive(pid))).toEqual([false, true]);
    expect(await sweepUp(home)).toEqual([]);
    await killGroup(stranger.pid);
  });

  test('finds nothing in an empty home, nor in a broken record', async () => {
    expect(await sweepUp(home)).toEqual([]);
    writeFileSync(join(home, 'up.json'), '{"host":');
    expect(await sweepUp(home)).toEqual([]);
  });
});

describe('the record of a host', () => {
  test('survives a full disk with the last record that it could write', async () => {
    const group = await spawnGroup({ command: 'sleep', args: ['600'], env: {}, cwd: home });
    const records = openGroupRecords(home, 'two');
    symlinkSync('/dev/full', join(home, 'hosts', 'two.json.new'));
    records.add(group.pid, 'tiny');
    records.remove(process.pid);
    const record = () => readFileSync(join(home, 'hosts', 'two.json'), 'utf8');
    expect(record()).toContain('"groups":[]');

    rmSync(join(home, 'hosts', 'two.json.new'));
    records.add(process.pid, 'other');
    expect(record()).toContain('"tiny"');
    await killGroup(group.pid);
  });

  test('is removed when it is closed', () => {
    const records = openGroupRecords(home, 'two');
    records.add(process.pid, 'tiny');
    records.remove(process.pid);
    expect(existsSync(join(home, 'hosts', 'two.json'))).toBe(true);
    records.close();
    expect(existsSync(join(home, 'hosts', 'two.json'))).toBe(false);
  });
});
