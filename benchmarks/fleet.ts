import { setTimeout as sleep } from 'node:timers/promises';
import { MainspringClient } from '../src';
import { type BenchOptions } from './bench-result';
import { type Figure, time } from './figures';
import { type BenchInstance, startInstance, tiny } from './instance';
import { cpuSeconds, residentMb, serverProcesses } from './processes';
import { until } from './until';

/** Time for which everything is left alone before memory is read. */
const SETTLE_MS = 10_000;
const IDLE_MS = 30_000;
const READY_LIMIT_MS = 600_000;

type Add = (key: string, label: string, value: number, unit: Figure['unit'], bar?: number) => void;

/** Benchmarks many servers on one host: started and stopped together, and only registered. */
export async function benchFleet(
  progress: (line: string) => void,
  { servers, onDemand }: BenchOptions,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add: Add = (key, label, value, unit, bar) => {
    const figure = { key, label, value: Math.round(value * 10) / 10, unit, bar };
    progress(`  ${label}: ${figure.value} ${unit}`);
    figures.push(figure);
  };
  if (servers > 0) await withInstance(namedEntries(servers, { autostart: false }), startAndStop);
  if (onDemand > 0) await benchOnDemand();
  return figures;

  async function startAndStop(instance: BenchInstance, client: MainspringClient): Promise<void> {
    const names = (await client.servers.list()).map(({ name }) => name);
    const count = `${names.length} servers`;
    const before = await partsMb(instance);
    const started = await measured(instance, () =>
      Promise.all(names.map((name) => client.servers.start(name))),
    );
    add('startAllS', `${count} started together, until all are RUNNING`, started.seconds, 's', 30);
    addCpu('startAll', started.cpu);
    await sleep(SETTLE_MS);
    const after = await partsMb(instance);
    for (const [part, mb] of Object.entries(after)) {
      const more = `memory of ${part} with ${count} (${(before[part] ?? 0).toFixed(0)} without)`;
      add(`${part}Mb`, more, mb, 'MB');
    }
    const children = serverProcesses(instance.mark).map(({ pid }) => pid);
    const each = residentMb(children) / names.length;
    add('serverMb', "memory of one tiny server's own process", each, 'MB');
    const stopped = await measured(instance, () =>
      Promise.all(names.map((name) => client.servers.stop(name))),
    );
    add('stopAllS', `${count} stopped together`, stopped.seconds, 's', 15);
    addCpu('stopAll', stopped.cpu);
  }

  /** Adds CPU times: a busy machine changes them least, and they bound the time on an idle one. */
  function addCpu(key: string, cpu: Record<string, number>): void {
    for (const [part, seconds] of Object.entries(cpu)) {
      add(`${key}${part}CpuS`, `  processor time of ${part} for that`, seconds, 's');
    }
  }

  async function benchOnDemand(): Promise<void> {
    const empty = await withInstance({}, async (instance) => {
      await sleep(SETTLE_MS);
      return partsMb(instance);
    });
    add('emptyMb', 'memory of an empty instance', total(empty), 'MB');
    const entries = namedEntries(onDemand, { activation: 'on-demand' });
    await withInstance(entries, async (instance, client) => {
      const what = `${onDemand} registered on-demand servers`;
      const registered = performance.now() - instance.startedAt;
      add('registerS', `${what}: until up is ready`, registered / 1_000, 's');
      await sleep(SETTLE_MS);
      const parts = await partsMb(instance);
      add('registeredMb', `${what}: memory more`, total(parts) - total(empty), 'MB', 300);
      for (const [part, mb] of Object.entries(parts)) {
        add(`${part}RegisteredMb`, `  of that ${part}`, mb - (empty[part] ?? 0), 'MB');
      }
      const { seconds, cpu } = await measured(instance, () => sleep(IDLE_MS));
      for (const [part, used] of Object.entries(cpu)) {
        const percent = (used / seconds) * 100;
        add(`${part}IdlePercent`, `${what}: CPU of ${part} when idle`, percent, '%');
      }
      const call = () => client.callTool('server-1', 'echo', { text: 'x' });
      add('firstCallMs', `${what}: first call of one`, await time(call), 'ms');
      add('secondCallMs', `${what}: second call of it`, await time(call), 'ms');
    });
  }
}

function namedEntries(count: number, more: object) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`server-${index + 1}`, { ...tiny, ...more }]),
  );
}

async function withInstance<T>(
  entries: object,
  work: (instance: BenchInstance, client: MainspringClient) => Promise<T>,
): Promise<T> {
  const instance = await startInstance(entries, {}, ['--no-ui']);
  const client = await MainspringClient.connect({ home: instance.home });
  try {
    const known = Object.keys(entries).length;
    const isReady = async () => (await client.servers.list()).length === known;
    await until('every server is known', isReady, { limitMs: READY_LIMIT_MS });
    return await work(instance, client);
  } finally {
    await client.close();
    await instance.close();
  }
}

async function partsOf(instance: BenchInstance): Promise<Record<string, number[]>> {
  const { up, temporal, worker, hosts } = (await instance.instance()).pids;
  const some = (pid: number | undefined) => (pid === undefined ? [] : [pid]);
  const apart = Object.values(hosts).filter((pid) => pid !== worker); // else the host shares the worker's process
  return { up: [up], temporal: some(temporal), worker: some(worker), host: apart };
}

async function partsMb(instance: BenchInstance): Promise<Record<string, number>> {
  return mapped(await partsOf(instance), residentMb);
}

const total = (parts: Record<string, number>) =>
  Object.values(parts).reduce((sum, mb) => sum + mb, 0);

/** Measures the time that something takes, and the processor time of each part of the instance meanwhile, in seconds. */
async function measured(instance: BenchInstance, work: () => Promise<unknown>) {
  const parts = await partsOf(instance);
  const before = mapped(parts, cpuSeconds);
  const callerBefore = cpuSeconds([process.pid]);
  const seconds = (await time(work)) / 1_000;
  const after = mapped(parts, cpuSeconds);
  const cpu = mapped(parts, () => 0);
  for (const part of Object.keys(parts)) cpu[part] = (after[part] ?? 0) - (before[part] ?? 0);
  return { seconds, cpu: { ...cpu, caller: cpuSeconds([process.pid]) - callerBefore } };
}

function mapped(
  parts: Record<string, number[]>,
  measure: (pids: readonly number[]) => number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(parts).map(([part, pids]) => [part, measure(pids)]));
}
