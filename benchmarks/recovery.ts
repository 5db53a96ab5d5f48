import { type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { MainspringClient } from '../src';
import { type BenchOptions, type BenchResult } from './bench-result';
import { type BenchInstance, startInstance, tinyServer } from './instance';
import { isRunning, serverProcesses } from './processes';
import { randomFrom } from './random';
import { type Recovery, recoveryOf, renderRecoveries } from './recovery-table';
import { signalled, timeToAnswer, timeToCommand } from './recovery-time';
import { until } from './until';

/** Pause between two faults, at random: heartbeats and polls must not be in step with them. */
const PAUSE_MS = 500;
const PAUSE_SPREAD_MS = 2_000;
/** Uptime after which the next restart is quick again: `up` restarts later and later what dies again within 10 s. */
const STABLE_AFTER_MS = 10_000;
const LOAD_INTERVAL_MS = 100;

const SERVER = 'tiny';
/** Entry without delays between restarts, which are meant for servers that crash again and again. */
const tiny = {
  command: process.execPath,
  args: [tinyServer],
  restart: { maxRestarts: 1_000, initialDelay: 0, maxDelay: 0 },
};
/** A hang is found by the checks; by default it takes three rounds of 30 s each. */
const HANG_CHECKS = {
  interval: '1s',
  timeout: '500ms',
  checks: [{ kind: 'ping' }],
  thresholds: { degraded: 1, unhealthy: 1, restart: 1 },
};

type Measure = (kind: string, strike: () => Promise<number>, restMs?: number) => Promise<void>;

interface Scene {
  instance: BenchInstance;
  client: MainspringClient;
}

/** Measures the recovery times after each kind of fault. */
export async function benchRecovery(
  progress: (line: string) => void,
  { rounds, seed }: BenchOptions,
): Promise<BenchResult> {
  const random = randomFrom(seed);
  const recoveries: Recovery[] = [];
  const counts = { callsDuringWorkerKills: 0, callsNotOkDuringWorkerKills: 0 };
  const measureIn =
    (scene: Scene): Measure =>
    async (kind, strike, restMs = PAUSE_MS) => {
      const samples: number[] = [];
      while (samples.length < rounds) {
        await isWell(scene);
        await sleep(restMs + random() * PAUSE_SPREAD_MS);
        samples.push(await strike());
        progress(`  ${kind}: ${Math.round(samples.at(-1) ?? 0)} ms`);
      }
      recoveries.push(recoveryOf(kind, samples));
    };

  await onOneHost(async (scene) => {
    const measure = measureIn(scene);
    await measure('a server crashes', () => killServer(scene));
    const host = 'the host is killed, and up restarts it';
    await measure(host, () => killHost(scene), STABLE_AFTER_MS);
    await measure('Temporal is killed, and up restarts it', () => killTemporal(scene));
    const killOneWorker = async () => {
      const { tookMs, calls, notOk } = await killWorker(scene);
      counts.callsDuringWorkerKills += calls;
      counts.callsNotOkDuringWorkerKills += notOk;
      return tookMs;
    };
    const worker = 'the control worker is killed: until a command';
    await measure(worker, killOneWorker, STABLE_AFTER_MS);
  });
  await onOneHost(async (scene) => {
    await measureIn(scene)('a server hangs (checks every second)', () => hangServer(scene));
  }, HANG_CHECKS);
  await onTwoHosts(async (scene, hosts) => {
    const measure = measureIn(scene);
    await measure('the host is killed, and there is another', () => loseHost(scene, hosts));
    await measure('the host is frozen, and there is another', () => freezeHost(scene, hosts));
  });
  const { callsDuringWorkerKills: calls, callsNotOkDuringWorkerKills: notOk } = counts;
  const meanwhile = `calls while the control worker was away: ${calls}, of which not ok: ${notOk}`;
  return { text: `${renderRecoveries(recoveries)}\n${meanwhile}`, json: { recoveries, ...counts } };
}

async function onOneHost(work: (scene: Scene) => Promise<void>, health?: object): Promise<void> {
  const entry = { ...tiny, ...(health && { health }) };
  const instance = await startInstance({ [SERVER]: entry }, {}, ['--no-ui', '--separate']);
  await withClient(instance, work);
}

/** Runs two hosts alone; one that is killed is restarted once the other one has its server. */
async function onTwoHosts(work: (scene: Scene, hosts: LoneHosts) => Promise<void>): Promise<void> {
  const roles = ['--no-ui', '--roles', 'temporal,worker'];
  const instance = await startInstance({ [SERVER]: tiny }, {}, roles);
  const hosts = new LoneHosts(instance);
  await withClient(instance, (scene) => work(scene, hosts));
}

async function withClient(
  instance: BenchInstance,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const client = await MainspringClient.connect({ home: instance.home });
  try {
    await work({ instance, client });
  } finally {
    await client.close();
    await instance.close();
  }
}

class LoneHosts {
  readonly #processes = new Map<string, ChildProcess>();

  constructor(private readonly instance: BenchInstance) {
    for (const number of [1, 2]) this.start(`${instance.mark}-${number}`);
  }

  start(id: string): void {
    this.#processes.set(id, this.instance.spawn(id, ['host', 'run', '--host-id', id]));
  }

  pidOf(id: string): number {
    const pid = this.#processes.get(id)?.pid;
    if (pid === undefined) throw new Error(`there is no host ${id}`);
    return pid;
  }
}

/** Whether every part has its process, and the server is ready. */
async function isWell({ instance, client }: Scene): Promise<void> {
  await until('everything is well', async () => {
    const { pids } = await instance.instance();
    const parts = [pids.temporal, pids.worker, ...Object.values(pids.hosts)];
    if (!parts.every((pid) => pid !== undefined && isRunning(pid))) return false;
    const { state, pid } = await client.servers.get(SERVER);
    if (state !== 'RUNNING' || pid === null || !isRunning(pid)) return false;
    return (await client.callTool(SERVER, 'echo', { text: 'well' })).outcome === 'ok';
  });
}

async function killServer(scene: Scene): Promise<number> {
  await signalled(await childOf(scene));
  return timeToAnswer(scene.client, SERVER);
}

/** Hangs the server, without calls meanwhile: one with calls in flight may be busy, and is given more time. */
async function hangServer(scene: Scene): Promise<number> {
  const hung = await childOf(scene);
  await signalled(hung, 'SIGSTOP');
  const startedAt = performance.now();
  await until('another process', async () => ![hung, null].includes(await pidOf(scene)));
  await timeToAnswer(scene.client, SERVER);
  return performance.now() - startedAt;
}

async function killHost({ instance, client }: Scene): Promise<number> {
  const [pid] = Object.values((await instance.instance()).pids.hosts);
  await signalled(some(pid));
  return timeToAnswer(client, SERVER);
}

async function killTemporal({ instance, client }: Scene): Promise<number> {
  await signalled(some((await instance.instance()).pids.temporal));
  return timeToAnswer(client, SERVER);
}

/** Kills the control worker. Calls do not need it: they continue while it is away. */
async function killWorker({ instance, client }: Scene) {
  await signalled(some((await instance.instance()).pids.worker));
  const calls: Promise<boolean>[] = [];
  const call = async () => (await client.callTool(SERVER, 'echo', { text: 'x' })).outcome === 'ok';
  const load = setInterval(() => calls.push(call().catch(() => false)), LOAD_INTERVAL_MS);
  const tookMs = await timeToCommand(client, SERVER);
  clearInterval(load);
  const results = await Promise.all(calls);
  return { tookMs, calls: results.length, notOk: results.filter((isOk) => !isOk).length };
}

async function loseHost({ client }: Scene, hosts: LoneHosts): Promise<number> {
  const id = some((await client.servers.get(SERVER)).host);
  await signalled(hosts.pidOf(id));
  const tookMs = await timeToAnswer(client, SERVER);
  hosts.start(id);
  return tookMs;
}

/** Freezes the host. When it wakes up, it must find out by itself that it owns nothing anymore. */
async function freezeHost({ instance, client }: Scene, hosts: LoneHosts): Promise<number> {
  const id = some((await client.servers.get(SERVER)).host);
  const pid = hosts.pidOf(id);
  await signalled(pid, 'SIGSTOP');
  const tookMs = await timeToAnswer(client, SERVER);
  await signalled(pid, 'SIGCONT');
  const owned = () => serverProcesses(instance.mark).filter(({ server }) => server === SERVER);
  await until('one process of the server is left', () => owned().length === 1);
  return tookMs;
}

async function childOf(scene: Scene): Promise<number> {
  return some(await pidOf(scene));
}

async function pidOf({ client }: Scene): Promise<number | null> {
  return (await client.servers.get(SERVER)).pid;
}

function some<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('it is not there');
  return value;
}
