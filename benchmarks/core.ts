import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MainspringClient } from '../src';
import { startDirect } from './direct';
import { type Figure, median, percentile, time, timeEach } from './figures';
import { mainspringBin, startInstance, tiny } from './instance';
import { benchNaive } from './naive';
import { residentMb } from './processes';

const WARM_UP_CALLS = 100;
const SERIAL_CALLS = 500;
const CALLERS = 64;
const CONCURRENT_CALLS = 3_000;
const LIFECYCLES = 8;
const KILLS = 8;
const IDLE_SERVERS = 20;
const HELP_RUNS = 5;
/** Time for which the servers are left alone before memory is read. */
const SETTLE_MS = 3_000;

const run = promisify(execFile);

type Add = (key: string, label: string, value: number, unit: Figure['unit'], bar?: number) => void;

/** Benchmarks the core: calls, life of a server, start of an instance. */
export async function benchCore(progress: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add: Add = (key, label, value, unit, bar) => {
    const figure = { key, label, value: Math.round(value * 10) / 10, unit, bar };
    progress(`  ${label}: ${figure.value} ${unit}`);
    figures.push(figure);
  };
  const instance = await startInstance({ tiny });
  const client = await MainspringClient.connect({ home: instance.home });
  try {
    await callTiny(client);
    const upMs = performance.now() - instance.startedAt;
    add('upToFirstCallMs', 'mainspring up to the first answered call', upMs, 'ms', 6_000);
    // Before the load: memory that a garbage collection frees afterwards would be counted against the servers.
    const [hostPid] = Object.values((await instance.instance()).pids.hosts);
    const idle = await hostMbPerServer(client, hostPid);
    add('hostMbPerIdleServer', 'host memory per idle server', idle, 'MB', 2);
    await measureCalls(client, add);
    await measureLife(client, add);
  } finally {
    await client.close();
    await instance.close();
  }
  const helpMs = await timeEach(HELP_RUNS, () => run(process.execPath, [mainspringBin, '--help']));
  add('helpMs', 'mainspring --help', median(helpMs), 'ms', 300);
  const naiveMs = median(await benchNaive());
  add('naiveSerialP50Ms', "workflow + activity, Temporal's defaults, p50", naiveMs, 'ms');
  return figures;
}

async function measureCalls(client: MainspringClient, add: Add): Promise<void> {
  const direct = await startDirect();
  await timeEach(WARM_UP_CALLS, () => direct.call());
  const directMs = await timeEach(SERIAL_CALLS, () => direct.call());
  await direct.close();
  add('directSerialP50Ms', 'direct MCP call, serial, p50 (floor)', median(directMs), 'ms');
  await timeEach(WARM_UP_CALLS, () => callTiny(client));
  const serialMs = await timeEach(SERIAL_CALLS, () => callTiny(client));
  add('durableSerialP50Ms', 'durable call, serial, p50', median(serialMs), 'ms', 12);
  add('durableSerialP95Ms', 'durable call, serial, p95', percentile(serialMs, 0.95), 'ms', 25);
  const rate = await callsPerSecond(client);
  add('durable64PerSecond', `durable calls, ${CALLERS} callers`, rate, '/s', 120);
}

async function measureLife(client: MainspringClient, add: Add): Promise<void> {
  const { startMs, stopMs } = await timeLifecycle(client);
  add(
    'startToFirstCallMs',
    'start of a tiny server to its first answer',
    median(startMs),
    'ms',
    200,
  );
  add('stopMs', 'stop of a tiny server', median(stopMs), 'ms', 150);
  const childMs = await childStartMs();
  add('childStartMs', "the tiny server's own start to its first answer", childMs, 'ms');
  const recoveryMs = (await timeRecovery(client)) - childMs;
  add(
    'recoveryMs',
    'kill -9 of a child to the next answer, own start aside',
    recoveryMs,
    'ms',
    150,
  );
}

async function callTiny(client: MainspringClient, server = 'tiny'): Promise<void> {
  const { outcome, error } = await client.callTool(server, 'echo', { text: 'x' });
  if (outcome !== 'ok') throw new Error(`${outcome}: ${error?.message}`);
}

async function callsPerSecond(client: MainspringClient): Promise<number> {
  let left = CONCURRENT_CALLS;
  const caller = async () => {
    while (left-- > 0) await callTiny(client);
  };
  const ms = await time(() => Promise.all(Array.from({ length: CALLERS }, caller)));
  return CONCURRENT_CALLS / (ms / 1_000);
}

async function timeLifecycle(client: MainspringClient) {
  const startMs: number[] = [];
  const stopMs: number[] = [];
  for (let index = 0; index < LIFECYCLES; index++) {
    stopMs.push(await time(() => client.servers.stop('tiny')));
    const started = await time(async () => {
      await client.servers.start('tiny');
      await callTiny(client);
    });
    startMs.push(started);
  }
  return { startMs, stopMs };
}

async function childStartMs(): Promise<number> {
  const samples = await timeEach(LIFECYCLES, async () => {
    const direct = await startDirect();
    await direct.call();
    void direct.close();
  });
  return median(samples);
}

/** Kills a separate server again and again; its restart budget allows that. */
async function timeRecovery(client: MainspringClient): Promise<number> {
  const restart = { maxRestarts: 1_000, initialDelay: 0, maxDelay: 0 };
  await client.servers.add('killed', { ...tiny, restart });
  const samples: number[] = [];
  for (let index = 0; index < KILLS; index++) {
    await callTiny(client, 'killed');
    const { pid } = await client.servers.get('killed');
    if (pid === null) throw new Error('the server has no pid');
    samples.push(
      await time(async () => {
        process.kill(pid, 'SIGKILL');
        // Not before the host can have noticed: a call into a dying child would have an unknown outcome.
        while (isAlive(pid)) await sleep(1);
        await callTiny(client, 'killed');
      }),
    );
  }
  await client.servers.remove('killed');
  return median(samples);
}

async function hostMbPerServer(
  client: MainspringClient,
  hostPid: number | undefined,
): Promise<number> {
  if (hostPid === undefined) throw new Error('no host');
  await sleep(SETTLE_MS);
  const before = residentMb([hostPid]);
  const names = Array.from({ length: IDLE_SERVERS }, (_, index) => `idle-${index}`);
  await Promise.all(names.map((name) => client.servers.add(name, tiny)));
  await sleep(SETTLE_MS);
  const after = residentMb([hostPid]);
  await Promise.all(names.map((name) => client.servers.remove(name)));
  return (after - before) / IDLE_SERVERS;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
