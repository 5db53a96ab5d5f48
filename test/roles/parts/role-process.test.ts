import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, isAlive } from '../../../src/process/process-identity';
import { type RoleOptions, RoleProcess } from '../../../src/roles/parts/role-process';
import { useTemporaryFolder } from '../../temporary-folder';

jest.setTimeout(120_000);

const LOADER = path.resolve(__dirname, '../../load-typescript.js');
const ROLE = path.resolve(__dirname, '../../fixtures/role.js');

const folder = useTemporaryFolder();
const roles: RoleProcess[] = [];

afterEach(async () => {
  await Promise.all(roles.splice(0).map((role) => role.stop()));
});

interface Told {
  spawned: number[];
  gone: number[];
  blocked: { reason: string; pid: number }[];
  lines: string[];
}

function start(over: Partial<RoleOptions> = {}): { role: RoleProcess; told: Told } {
  const told: Told = { spawned: [], gone: [], blocked: [], lines: [] };
  const role = new RoleProcess({
    name: 'api',
    args: ['-r', LOADER, ROLE, folder()],
    env: async () => process.env,
    logFile: path.join(folder(), 'logs', 'api.log'),
    onStart: () => undefined,
    onReport: () => undefined,
    onSpawn: (pid) => told.spawned.push(pid),
    onGone: (pid) => told.gone.push(pid),
    onChange: () => undefined,
    onBlocked: (reason, pid) => told.blocked.push({ reason, pid }),
    onProgress: (line) => told.lines.push(line),
    ...over,
  });
  roles.push(role);
  return { role, told };
}

/** Waits for what another process does; the test's own timeout is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

const blockFile = () => path.join(folder(), 'block');

test('a role whose event loop stands still is killed, told of, and started again; a suspended one is not', async () => {
  const suspended = start();
  await suspended.role.ready;
  const { pid = 0 } = suspended.role;
  process.kill(pid, 'SIGSTOP');

  await writeFile(blockFile(), '');
  const { role, told } = start();
  await role.ready;
  await until(() => !existsSync(blockFile()));
  const [blockedPid = 0] = told.spawned;
  await until(() => told.spawned.length === 2);
  expect(told.gone).toEqual([blockedPid]);
  expect(told.blocked).toEqual([
    {
      pid: blockedPid,
      reason: expect.stringMatching(
        /^its event loop was blocked for \d+ s \(.* s of CPU used\)$/,
      ) as string,
    },
  ]);
  expect(told.lines[0]).toContain(`The api (pid ${blockedPid}) was killed: its event loop`);
  expect(told.lines[1]).toContain('The api exited (SIGKILL) and is being restarted');

  // It has been silent for longer.
  expect({ pid: suspended.role.pid, blocked: suspended.told.blocked }).toEqual({
    pid,
    blocked: [],
  });
  process.kill(pid, 'SIGCONT');
});

test('a role whose event loop stands still does not keep `up` from stopping', async () => {
  await writeFile(blockFile(), '');
  const { role, told } = start();
  await role.ready;
  const process = identityOf(role.pid ?? 0);
  await until(() => !existsSync(blockFile()));
  await role.stop();
  expect(isAlive(process)).toBe(false);
  expect(told.blocked).toHaveLength(1);
  expect({ spawned: told.spawned, gone: told.gone }).toEqual({
    spawned: [process.pid],
    gone: [process.pid],
  });
});

test('a role that keeps dying says how, with its last words', async () => {
  const args = ['-e', 'console.error("cannot do it"); process.exit(3)'];
  const { role, told } = start({ args });
  await expect(role.ready).rejects.toMatchObject({ code: 'START_FAILED' });
  await expect(role.ready).rejects.toThrow(/code 3[\s\S]*cannot do it/);
  await role.stop();
  expect(told.gone).toEqual(told.spawned);
});

test('a role is asked for its environment at each start, and a failure of that is no end', async () => {
  let asked = 0;
  const env = async () => {
    if (++asked === 1) throw new Error('no port is free');
    return process.env;
  };
  const { role, told } = start({ env });
  await role.ready;
  expect(asked).toBe(2);
  expect(told.lines[0]).toContain('no port is free');
});

test('a role runs without a log when none can be written', async () => {
  await writeFile(path.join(folder(), 'logs'), 'not a folder');
  const { role, told } = start();
  await role.ready;
  expect(told.lines[0]).toContain('The api is running without a log');
  expect(await readFile(path.join(folder(), 'logs'), 'utf8')).toBe('not a folder');
});
