import { type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { type Info } from '../../src/cli/text/info-text';
import { type HostStatus } from '../../src/domain/hosts/hosts';
import { fixture, isRunning, killProcess, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { startLoad, tally } from './load';
import { until } from './until';

const CALLS_PER_SECOND = 20;
const BUSY_CALLS_PER_SECOND = 50;

let instance: TestInstance;
/** The host that `up` runs. */
let first: string;

beforeAll(async () => {
  instance = await startInstance();
  const [host] = await instance.client.hosts.list();
  first = String(host?.id);
});

const ledgerOf = (server: string) => path.join(instance.folder, `${server}.ledger`);

const tiny = (server: string, over: Partial<ServerEntry> = {}): ServerEntry => ({
  command: process.execPath,
  args: [fixture('tiny-server.js')],
  env: { LEDGER: ledgerOf(server) },
  ...over,
});

async function add(server: string, over: Partial<ServerEntry> = {}): Promise<void> {
  await instance.client.servers.add(server, tiny(server, over), { wait: false });
}

async function startHost(id: string, ...args: string[]): Promise<ChildProcess> {
  const child = instance.spawn(['host', 'run', '--host-id', id, ...args]);
  await hostIn(id, 'ready');
  return child;
}

async function hostIn(id: string, state: HostStatus['state']): Promise<HostStatus> {
  return until(`${id} is ${state}`, async () => {
    const hosts = await instance.client.hosts.list();
    return hosts.find(
      (host) => host.id === id && host.presence === 'alive' && host.state === state,
    );
  });
}

/** The host on which a server runs; another one than `not`. */
async function hostOf(server: string, not?: string): Promise<string> {
  return until(`a host that runs ${server}`, async () => {
    const { state, host } = await instance.client.servers.get(server);
    return state === 'RUNNING' && host !== null && host !== not && host;
  });
}

async function waitsBecause(server: string, why: string): Promise<void> {
  await until(`${server} waits because ${why}`, async () => {
    const { reason } = await instance.client.servers.get(server);
    return reason.startsWith('UNSCHEDULABLE') && reason.includes(why);
  });
}

/** No call ran twice, and each that was answered ran. */
function checkLedger(server: string, answered: number): void {
  const lines = executions(ledgerOf(server));
  expect(repeated(lines)).toEqual([]);
  expect(lines.length).toBeGreaterThanOrEqual(answered);
}

it('runs a server where its labels are and room is, and says why it waits', async () => {
  await add('picky', { requires: ['gpu'] });
  await waitsBecause('picky', 'no host has the label "gpu"');
  const options = { queueTimeoutMs: 100 };
  const late = await instance.client.callTool('picky', 'add', { a: 1, b: 1 }, options);
  expect(late.error).toMatchObject({
    code: 'QUEUE_TIMEOUT',
    message: expect.stringContaining('UNSCHEDULABLE') as string,
  });
  const gpu = await startHost('gpu', '--label', 'gpu', '--capacity', '1', '--exclusive');
  expect(await hostOf('picky')).toBe('gpu');

  await add('second', { requires: ['gpu'] });
  await add('plain');
  expect(await hostOf('plain')).toBe(first);
  await waitsBecause('second', 'gpu is full (1 of 1 servers)');
  await instance.client.servers.remove('picky');
  expect(await hostOf('second')).toBe('gpu');

  const listed = await instance.cli<HostStatus[]>('host', 'list', '--json');
  expect(listed.json.find(({ id }) => id === 'gpu')).toMatchObject({
    ...{ labels: ['gpu'], exclusive: true, capacity: 1, pid: gpu.pid, state: 'ready' },
    sessions: [{ server: 'second', generation: 1, replica: 0 }],
  });
  await instance.client.servers.remove('second');
  await killProcess(Number(gpu.pid));
});

it('drains a busy host without the loss of a call, and lets it go on afterwards', async () => {
  await startHost('other');
  await add('drained');
  const owner = await hostOf('drained');
  const load = startLoad(instance.client, 'drained', BUSY_CALLS_PER_SECOND);
  await load.answered(BUSY_CALLS_PER_SECOND);
  const drained = await instance.cli<HostStatus>('host', 'drain', owner, '--json');
  expect(drained).toMatchObject({ code: 0, json: { state: 'drained', sessions: [] } });
  await hostOf('drained', owner);
  await load.answered(BUSY_CALLS_PER_SECOND);
  expect(tally(await load.end())).toEqual({ ok: load.submitted });
  checkLedger('drained', load.submitted);
  await hostIn(owner, 'drained');
  expect((await instance.cli('host', 'resume', owner)).code).toBe(0);
  await hostIn(owner, 'ready');
});

it('has long calls finish before their host is drained', async () => {
  await add('patient', { timeouts: { stop: '200ms' } });
  const owner = await hostOf('patient');
  const call = await instance.client.startCall('patient', 'sleep', { ms: 3_000 });
  await until('the call runs', async () => (await call.status()) === 'running');
  await instance.client.hosts.drain(owner);
  expect(await call.result()).toMatchObject({ outcome: 'ok' });
  await instance.client.hosts.resume(owner);
  await instance.client.servers.remove('patient');
});

it('serves from another host when one is killed, and loses only calls that were under way', async () => {
  await add('moved');
  const host = (await instance.client.hosts.list()).find(({ id }) => id === 'other');
  await instance.client.hosts.drain(first);
  expect(await hostOf('moved')).toBe('other');
  await instance.client.hosts.resume(first);
  const load = startLoad(instance.client, 'moved', CALLS_PER_SECOND);
  await load.answered(CALLS_PER_SECOND);
  await killProcess(Number(host?.pid));
  expect(await hostOf('moved', 'other')).toBe(first);
  await load.answered(CALLS_PER_SECOND);
  const { ok = 0, unknown = 0, ...others } = tally(await load.end());
  expect(others).toEqual({});
  expect(ok + unknown).toBe(load.submitted);
  expect(unknown).toBeLessThanOrEqual(2);
  checkLedger('moved', ok);
  const hosts = await instance.client.hosts.list();
  expect(hosts.find(({ id }) => id === 'other')).toMatchObject({ presence: 'lost' });
});

it('replaces a frozen host, which does nothing any more when it wakes up', async () => {
  const frozen = await startHost('frozen');
  await add('thawed');
  await instance.client.hosts.drain(first);
  expect(await hostOf('thawed')).toBe('frozen');
  await instance.client.hosts.resume(first);
  const { pid } = await instance.client.servers.get('thawed');
  const load = startLoad(instance.client, 'thawed', CALLS_PER_SECOND);
  await load.answered(CALLS_PER_SECOND);
  frozen.kill('SIGSTOP');
  expect(await hostOf('thawed', 'frozen')).toBe(first);
  await load.answered(CALLS_PER_SECOND);
  frozen.kill('SIGCONT');
  await until('the old child is gone', () => !isRunning(Number(pid)));
  await load.answered(CALLS_PER_SECOND);
  const { ok = 0, unknown = 0, ...others } = tally(await load.end());
  expect(others).toEqual({});
  expect(ok + unknown).toBe(load.submitted);
  expect(unknown).toBeLessThanOrEqual(3);
  checkLedger('thawed', ok);
  await hostIn('frozen', 'ready');
});

it('restarts all hosts one after the other', async () => {
  const before = await instance.client.hosts.list();
  const load = startLoad(instance.client, 'thawed', CALLS_PER_SECOND);
  await load.answered(CALLS_PER_SECOND);
  const restarted = await instance.cli('host', 'restart', '--all', '--json');
  expect(restarted.json).toMatchObject(
    [
      { id: 'frozen', isBack: false },
      { id: first, isBack: true },
    ].sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
  await load.answered(CALLS_PER_SECOND);
  expect(tally(await load.end())).toEqual({ ok: load.submitted });
  const { pid } = await hostIn(first, 'ready');
  expect(pid).not.toBe(before.find(({ id }) => id === first)?.pid);
});

it('gives every host an id of its own, and refuses a second one of the same', async () => {
  const known = (await instance.client.hosts.list()).map(({ id }) => id);
  const unnamed = [1, 2].map(() => instance.spawn(['host', 'run'], { MAINSPRING_HOST_ID: '' }));
  const added = await until('two more hosts', async () => {
    const hosts = await instance.client.hosts.list();
    const more = hosts.filter(({ id, state }) => !known.includes(id) && state === 'ready');
    return more.length === 2 && more;
  });
  expect(added.map(({ pid }) => pid).sort()).toEqual(unnamed.map(({ pid }) => pid).sort());
  const { json: info } = await instance.cli<Info>('info', '--json');
  expect(Object.keys(info)).toEqual(['home', 'version', 'temporal', 'pids']);
  expect(info.pids.hosts).toMatchObject(Object.fromEntries(added.map(({ id, pid }) => [id, pid])));
  const bare = await instance.cli<HostStatus[]>('host', '--json');
  expect(bare.json.map(({ id }) => id)).toEqual(expect.arrayContaining(added.map(({ id }) => id)));
  for (const child of unnamed) child.kill('SIGTERM');

  expect((await instance.cli('host', 'list', first)).code).toBe(2);
  expect((await instance.cli('host', 'list', '--label', 'gpu')).code).toBe(2);
  const here = await instance.cli('host', 'run', '--host-id', first, '--json');
  expect(here).toMatchObject({ code: 1, json: { error: { code: 'ALREADY_RUNNING' } } });
  const implied = await instance.cli('host', '--host-id', first, '--json');
  expect(implied).toMatchObject({ code: 1, json: { error: { code: 'ALREADY_RUNNING' } } });
  expect(implied.stderr).toContain('mainspring host run');
  const { temporal } = (await instance.cli<{ temporal: { address: string } }>('info', '--json'))
    .json;
  const elsewhere = instance.spawn(['host', 'run', '--host-id', first], {
    MAINSPRING_HOME: path.join(instance.folder, 'elsewhere'),
    TEMPORAL_ADDRESS: temporal.address,
  });
  let said = '';
  elsewhere.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('it is refused', () => elsewhere.exitCode !== null);
  expect(said).toContain('[ALREADY_RUNNING]');

  const none = await instance.cli('host', 'drain', `${first}x`, '--json');
  expect(none).toMatchObject({ code: 1, json: { error: { code: 'UNKNOWN_HOST' } } });
  expect(none.stdout).toContain(`Did you mean \\"${first}\\"`);
});
