import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type MainspringClient } from '../../src';
import { legacyHttp } from '../gateway/callers';
import { measure } from '../gateway/load';
import { answers } from '../gateway/peers';
import { median, timeEach } from '../figures';
import { type BenchInstance, type startInstance, tiny, tinyServer } from '../instance';
import { commandLine, cpuSeconds, processesOf } from '../processes';
import { until } from '../until';
import { CALLERS, type Figures, type Part } from './figure-names';

const WARM_UP_CALLS = 100;
const SERIAL_CALLS = 200;
const CALLS_OF_64 = 1_500;
const HTTP_MS = 3_000;
const SETTLE_MS = 5_000;
const IDLE_MS = 15_000;
const IDLE_SERVERS = 20;
const COMMAND_RUNS = 5;
const MS_PER_TICK = 10;
const BYTES_PER_MB = 1024 * 1024;
const TOOL = 'echo';

const run = promisify(execFile);
const direct = { ...tiny, direct: ['*'] };
const cached = { ...tiny, cache: { tools: ['*'], ttl: '10m' } };

/** What a build of any commit has, with the types of this checkout. */
const benchmarksSchema = z.object({
  startInstance: z.custom<typeof startInstance>((found) => typeof found === 'function'),
});
const clientSchema = z.object({
  MainspringClient: z.custom<typeof MainspringClient>((found) => typeof found === 'function'),
});

/**
 * Measures the checkout whose root is the first argument, with its own build and its own client; the second argument lists
 * the parts. Prints the figures as JSON.
 */
async function main(root: string, parts: readonly string[]): Promise<void> {
  const figures: Figures = {};
  const benchmarks = benchmarksSchema.parse(await load(root, 'dist/benchmarks/instance.js'));
  const build = clientSchema.parse(await load(root, 'dist/src/index.js'));
  const instance = await benchmarks.startInstance({ tiny, direct }, {}, ['--port', '0']);
  try {
    const client = await build.MainspringClient.connect({ home: instance.home });
    await callTiny(client);
    figures.upToFirstCallMs = performance.now() - instance.startedAt;
    await measureParts(parts, root, instance, client, figures);
    await client.close();
  } finally {
    await instance.close();
  }
  console.log(JSON.stringify(figures));
}

async function measureParts(
  parts: readonly string[],
  root: string,
  instance: BenchInstance,
  client: MainspringClient,
  figures: Figures,
): Promise<void> {
  const does = (part: Part) => parts.includes(part);
  if (does('idle')) {
    await sleep(SETTLE_MS);
    figures.idleMb = proportionalMb(ownProcesses(instance.mark));
  }
  if (does('cli')) await measureCommands(root, instance, figures);
  if (does('durable')) await measureDurable(instance, client, figures);
  if (does('http')) await measureHttp(instance, client, figures);
  if (does('idle20')) await measureIdleServers(instance, client, figures);
}

function load(root: string, file: string): Promise<unknown> {
  return import(pathToFileURL(path.join(root, file)).href);
}

async function callTiny(client: MainspringClient): Promise<void> {
  const { outcome, error } = await client.callTool('tiny', TOOL, { text: 'x' });
  if (outcome !== 'ok') throw new Error(`${outcome}: ${error?.message}`);
}

async function measureDurable(
  instance: BenchInstance,
  client: MainspringClient,
  figures: Figures,
): Promise<void> {
  const { pids } = await instance.instance();
  const call = () => callTiny(client);
  await timeEach(WARM_UP_CALLS, call);
  figures.durableP50Ms = median(await timeEach(SERIAL_CALLS, call));
  const temporal = pids.temporal === undefined ? [] : [pids.temporal];
  const ours = ownProcesses(instance.mark).filter((pid) => !temporal.includes(pid));
  const before = {
    temporal: cpuSeconds(temporal),
    ours: cpuSeconds(ours),
    client: process.cpuUsage(),
  };
  const startedAt = performance.now();
  let left = CALLS_OF_64;
  const caller = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: 64 }, caller));
  figures.durable64PerSecond = CALLS_OF_64 / ((performance.now() - startedAt) / 1_000);
  const perCallMs = (seconds: number) => (seconds * 1_000) / CALLS_OF_64;
  const { user, system } = process.cpuUsage(before.client);
  figures.temporalCpuMs = perCallMs(cpuSeconds(temporal) - before.temporal);
  figures.rolesCpuMs = perCallMs(cpuSeconds(ours) - before.ours);
  figures.clientCpuMs = (user + system) / 1_000 / CALLS_OF_64;
}

async function measureHttp(
  instance: BenchInstance,
  client: MainspringClient,
  figures: Figures,
): Promise<void> {
  await client.servers.add('cached', cached);
  const { apiUrl } = await instance.instance();
  for (const kind of ['direct', 'cached'] as const) {
    const target = legacyHttp(`${apiUrl}/mcp/s/${kind}`, TOOL);
    await until(`${kind} answers`, () => answers(target));
    for (const callers of CALLERS) {
      const sample = await measure({ target, mark: instance.mark }, callers, HTTP_MS);
      figures[`${kind}${callers}PerSecond`] = sample.perSecond;
      if (callers === 8) figures[`${kind}8P99ToP50`] = sample.p99Ms / sample.p50Ms;
    }
  }
}

async function measureIdleServers(
  instance: BenchInstance,
  client: MainspringClient,
  figures: Figures,
): Promise<void> {
  const names = Array.from({ length: IDLE_SERVERS }, (_, index) => `idle-${index}`);
  await Promise.all(names.map((name) => client.servers.add(name, tiny)));
  await sleep(SETTLE_MS);
  const pids = ownProcesses(instance.mark);
  const before = cpuSeconds(pids);
  await sleep(IDLE_MS);
  figures.idle20CpuPercent = ((cpuSeconds(pids) - before) / (IDLE_MS / 1_000)) * 100;
}

/** Processor time of commands, as multiples of that of an empty program. */
async function measureCommands(
  root: string,
  instance: BenchInstance,
  figures: Figures,
): Promise<void> {
  const bin = path.join(root, 'bin', 'mainspring.js');
  const emptyMs = await commandCpuMs(['-e', '0'], instance);
  const ratio = async (...args: string[]) =>
    (await commandCpuMs([bin, ...args], instance)) / emptyMs;
  figures.helpToEmpty = await ratio('--help');
  figures.versionToEmpty = await ratio('--version');
  figures.infoToEmpty = await ratio('info');
  figures.listToEmpty = await ratio('list');
  figures.statusToEmpty = await ratio('status', 'tiny');
  figures.callToEmpty = await ratio('call', 'tiny', TOOL, 'text=x');
}

async function commandCpuMs(args: string[], { home }: BenchInstance): Promise<number> {
  const env = { ...process.env, MAINSPRING_HOME: home };
  const beforeMs = endedChildrenCpuMs();
  for (let index = 0; index < COMMAND_RUNS; index++) await run(process.execPath, args, { env });
  return (endedChildrenCpuMs() - beforeMs) / COMMAND_RUNS;
}

/** User and system time of the child processes of this process that have ended; see proc_pid_stat(5). */
function endedChildrenCpuMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
}

/** Processes of an instance except its MCP servers. */
function ownProcesses(mark: string): number[] {
  return processesOf(mark).filter((pid) => !commandLine(pid).includes(tinyServer));
}

/** Memory of these processes, with what they share divided among them. */
function proportionalMb(pids: readonly number[]): number {
  const kib = pids.map((pid) => {
    try {
      return Number(
        /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1],
      );
    } catch {
      return 0; // it has ended
    }
  });
  return (kib.reduce((sum, one) => sum + one, 0) * 1024) / BYTES_PER_MB;
}

main(process.argv[2] ?? '', (process.argv[3] ?? '').split(',')).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
