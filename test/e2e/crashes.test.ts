import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { fixture, isRunning, killProcess, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { startLoad, tally } from './load';
import { until } from './until';

const KILLS = 20;
const CALLS_PER_SECOND = 20;

let instance: TestInstance;
let ledger: string;

beforeAll(async () => {
  instance = await startInstance({ separate: true });
  ledger = path.join(instance.folder, 'ledger');
});

async function add(name: string, over: Partial<ServerEntry> = {}): Promise<void> {
  await instance.client.servers.add(name, {
    command: process.execPath,
    args: [fixture('tiny-server.js')],
    ...over,
    env: { LEDGER: ledger, ...over.env },
  });
}

/** The process of a server that is RUNNING; another one than `not`. */
async function childOf(name: string, not?: number): Promise<number> {
  return until(`a running child of ${name}`, async () => {
    const { state, pid } = await instance.client.servers.get(name);
    return state === 'RUNNING' && pid !== null && pid !== not && isRunning(pid) && pid;
  });
}

async function serverProcesses(): Promise<number[]> {
  const all = await instance.processes();
  return all.filter((pid) => /tiny-server|wrapper|SIGTERM/.test(commandLine(pid)));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

it('loses at most the call in flight each time that a server is killed', async () => {
  const restart = { maxRestarts: 1_000, maxDelay: '300ms' };
  await add('crashing', { restart });
  const load = startLoad(instance.client, 'crashing', CALLS_PER_SECOND);
  let pid: number | undefined;
  for (let kill = 0; kill < KILLS; kill++) {
    await load.answered(5);
    pid = await childOf('crashing', pid);
    await load.caughtUp();
    await killProcess(pid);
  }
  await load.answered(5);
  const counts = tally(await load.end());

  const { ok = 0, unknown = 0, ...others } = counts;
  expect(others).toEqual({});
  expect(unknown).toBeLessThanOrEqual(KILLS);
  expect(ok + unknown).toBe(load.submitted);
  const lines = executions(ledger);
  expect(repeated(lines)).toEqual([]);
  expect(lines.length).toBeGreaterThanOrEqual(ok);

  const told = await until('an event of every kill and restart', async () => {
    const events = await instance.client.events.list({ server: 'crashing', limit: 1_000 });
    const crashes = events.filter(({ to }) => to === 'BACKOFF');
    const recoveries = events.filter(({ from, to }) => from === 'BACKOFF' && to === 'RUNNING');
    return recoveries.length >= KILLS && { crashes, recoveries };
  });
  expect(told.crashes).toHaveLength(KILLS);
  expect(told.recoveries).toHaveLength(KILLS);
  for (const { reason } of told.crashes) expect(reason).toContain('was killed by SIGKILL; restart');
  expect(await instance.client.servers.get('crashing')).toMatchObject({ restarts: KILLS });
});

it('ends a call as unknown whose server was killed under it, and never runs it again', async () => {
  await add('slow');
  const key = { idempotencyKey: 'killed under it' };
  const handle = await instance.client.startCall('slow', 'sleep', { ms: 60_000 }, key);
  await until('the call runs', async () => (await handle.status()) === 'running');
  await until('the server has it', async () => {
    const { inFlight } = await instance.client.servers.get('slow');
    return inFlight === 1;
  });
  await killProcess(await childOf('slow'));
  const outcome = await handle.result();
  expect(outcome).toMatchObject({ outcome: 'unknown', error: { code: 'OUTCOME_UNKNOWN' } });
  expect(outcome.error?.message).toContain('killed by SIGKILL');
  const again = await instance.client.callTool('slow', 'sleep', { ms: 60_000 }, key);
  expect(again).toMatchObject({ outcome: 'unknown', callId: outcome.callId });
});

it('leaves no process of a server when its host is killed, and brings the server back once', async () => {
  const pidFile = path.join(instance.folder, 'grandchild');
  await add('wrapped', {
    command: 'sh',
    args: [fixture('wrapper.sh'), process.execPath, fixture('tiny-server.js')],
    env: { SPAWN_GRANDCHILD: pidFile, IGNORE_TERM: '1' },
  });
  const grandchild = Number(readFileSync(pidFile, 'utf8'));
  const before = await serverProcesses();
  expect(before).toContain(grandchild);

  await instance.kill('host');
  await until('the servers of the dead host are gone', () => !before.some(isRunning));

  const pid = await childOf('wrapped');
  expect(before).not.toContain(pid);
  expect(isRunning(grandchild)).toBe(false);
  for (const { name } of await instance.client.servers.list()) await childOf(name);
  const after = await serverProcesses();
  expect(after).toHaveLength(before.length);
  expect(await instance.client.servers.get('wrapped')).toMatchObject({ generation: 1, epoch: 2 });
});

it('tells of the lost host, and completes the calls that waited for the next one', async () => {
  const pid = await childOf('crashing');
  await instance.kill('host');
  const lost = await until('RECOVERING', async () => {
    const status = await instance.client.servers.get('crashing');
    return status.state === 'RECOVERING' && status;
  });
  expect(lost.pid).toBeNull();
  const outcome = await instance.client.callTool('crashing', 'echo', { text: 'still here' });
  expect(outcome).toMatchObject({ outcome: 'ok' });
  await childOf('crashing', pid);
  const transitions = await until('the events of the move', async () => {
    const events = await instance.client.events.list({ server: 'crashing' });
    const last = events.slice(-2).map(({ from, to }) => `${from} ${to}`);
    return last[1] === 'RECOVERING RUNNING' && last;
  });
  expect(transitions).toEqual(['RUNNING RECOVERING', 'RECOVERING RUNNING']);
});

it('loses no call when the control worker is killed', async () => {
  const load = startLoad(instance.client, 'crashing', CALLS_PER_SECOND);
  await load.answered(5);
  const { worker } = await instance.pids();
  await instance.kill('worker');
  await until('a new control worker', async () => {
    const pids = await instance.pids();
    return pids.worker !== undefined && pids.worker !== worker;
  });
  await load.answered(CALLS_PER_SECOND);
  const outcomes = await load.end();
  expect(tally(outcomes)).toEqual({ ok: load.submitted });
});

it('loses no call and no process when Temporal is killed', async () => {
  const pid = await childOf('crashing');
  const load = startLoad(instance.client, 'crashing', CALLS_PER_SECOND);
  await load.answered(5);
  const { temporal } = await instance.pids();
  await instance.kill('temporal');
  await until('a new Temporal', async () => {
    const pids = await instance.pids();
    return pids.temporal !== undefined && pids.temporal !== temporal;
  });
  await load.answered(CALLS_PER_SECOND);
  const { ok = 0, unknown = 0, ...others } = tally(await load.end());
  expect(others).toEqual({});
  expect(ok + unknown).toBe(load.submitted);
  expect(unknown).toBeLessThanOrEqual(1);
  expect(await childOf('crashing')).toBe(pid);
});
