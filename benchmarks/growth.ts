import { MainspringClient } from '../src';
import { mapParallel } from '../src/async/map-parallel';
import { type BenchResult } from './bench-result';
import { median, time, timeEach } from './figures';
import { type BenchInstance, startInstance, tiny } from './instance';
import { cpuSeconds, processesOf, serverProcesses } from './processes';
import { until } from './until';

const SERVERS = [10, 100, 1_000];
/** Servers with a process; all others sleep until they are called. */
const MAX_RUNNING = 100;
const STORED_CALLS = [1_000, 100_000];

const WARM_UP_CALLS = 200;
const SERIAL_CALLS = 300;
const CONCURRENT_CALLS = 2_000;
const CALLERS = 64;
const READY_LIMIT_MS = 600_000;

interface Cost {
  label: string;
  /** Median of one caller, in ms. */
  p50Ms: number;
  /** Processor time of everything but the servers, per call with 64 callers, in ms. */
  cpuMs: number;
}

/** Measures what a durable call costs with more and more servers, and with more and more calls of before. */
export async function benchGrowth(progress: (line: string) => void): Promise<BenchResult> {
  const costs: Cost[] = [];
  for (const count of SERVERS) {
    costs.push(await withServers(count, (it) => costOf(it, `${count} servers`, progress)));
  }
  await withServers(1, async (it) => {
    let stored = 0;
    for (const count of STORED_CALLS) {
      await callMany(it.client, count - stored, progress);
      stored = count + WARM_UP_CALLS + SERIAL_CALLS + CONCURRENT_CALLS;
      costs.push(await costOf(it, `${count} stored calls`, progress));
    }
  });
  return { text: tableOf(costs), json: { costs } };
}

interface Setup {
  instance: BenchInstance;
  client: MainspringClient;
}

async function withServers<T>(count: number, work: (setup: Setup) => Promise<T>): Promise<T> {
  const names = Array.from({ length: count }, (_, index) => `server-${index + 1}`);
  const entryOf = (index: number) =>
    index < MAX_RUNNING ? tiny : { ...tiny, activation: 'on-demand' };
  const entries = Object.fromEntries(names.map((name, index) => [name, entryOf(index)]));
  const instance = await startInstance(entries, {}, ['--no-ui']);
  const client = await MainspringClient.connect({ home: instance.home });
  try {
    const running = Math.min(count, MAX_RUNNING);
    const isReady = async () => {
      const states = (await client.servers.list()).map(({ state }) => state);
      return states.filter((state) => state === 'RUNNING').length === running;
    };
    await until('all servers run', isReady, { limitMs: READY_LIMIT_MS });
    return await work({ instance, client });
  } finally {
    await client.close();
    await instance.close();
  }
}

async function costOf(
  { instance, client }: Setup,
  label: string,
  progress: (line: string) => void,
): Promise<Cost> {
  await callMany(client, WARM_UP_CALLS);
  const p50Ms = median(await timeEach(SERIAL_CALLS, () => call(client)));
  const servers = new Set(serverProcesses(instance.mark).map(({ pid }) => pid));
  const ours = [process.pid, ...processesOf(instance.mark).filter((pid) => !servers.has(pid))];
  const before = cpuSeconds(ours);
  await callMany(client, CONCURRENT_CALLS);
  const cpuMs = ((cpuSeconds(ours) - before) * 1_000) / CONCURRENT_CALLS;
  progress(`  ${label}: p50 ${p50Ms.toFixed(1)} ms, ${cpuMs.toFixed(1)} ms of CPU per call`);
  return { label, p50Ms, cpuMs };
}

async function callMany(
  client: MainspringClient,
  count: number,
  progress: (line: string) => void = () => undefined,
): Promise<void> {
  const ms = await time(() =>
    mapParallel(Array.from({ length: count }), CALLERS, () => call(client)),
  );
  progress(`  ${count} calls in ${(ms / 1_000).toFixed(0)} s`);
}

async function call(client: MainspringClient): Promise<void> {
  const { outcome, error } = await client.callTool('server-1', 'echo', { text: 'x' });
  if (outcome !== 'ok') throw new Error(`${outcome}: ${error?.message}`);
}

/** Each cost, and its ratio to the first of its kind. */
function tableOf(costs: readonly Cost[]): string {
  const line = ({ label, p50Ms, cpuMs }: Cost) => {
    const [, kind] = label.split(/ (.*)/);
    const first = costs.find((other) => other.label.endsWith(` ${kind}`));
    const ratio = (value: number, of: number | undefined) => (value / (of ?? value)).toFixed(2);
    return `| ${label} | ${p50Ms.toFixed(1)} | ${ratio(p50Ms, first?.p50Ms)} | ${cpuMs.toFixed(1)} | ${ratio(cpuMs, first?.cpuMs)} |`;
  };
  return [
    '| durable calls with | p50, ms | ratio | CPU per call, ms | ratio |',
    '| --- | --- | --- | --- | --- |',
    ...costs.map(line),
  ].join('\n');
}
