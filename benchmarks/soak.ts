import { setTimeout as sleep } from 'node:timers/promises';
import { type Outcome } from '../src';
import { type BenchOptions, type BenchResult } from './bench-result';
import { type Fleet, startFleet } from './chaos/fleet';
import { median } from './figures';
import { slopeOf } from './linear-fit';
import { processesOf, residentMb } from './processes';
import { randomFrom } from './random';
import { signalled } from './recovery-time';
import { pause } from '../src/async/pause';

const SERVERS = 4;
const CALL_INTERVAL_MS = 50;
const SAMPLE_INTERVAL_MS = 5_000;
/** Average interval; each is random between half of it and one and a half of it. */
const KILL_SERVER_EVERY_MS = 10_000;
const KILL_HOST_EVERY_MS = 60_000;
const MINUTE_MS = 60_000;

/** Measures that must stay flat. The host is the one that is never killed; the other one dies again and again. */
const MEASURES = ['hostMb', 'workerMb', 'temporalMb', 'upMb', 'processes'] as const;
type Sample = Record<(typeof MEASURES)[number], number> & { atMs: number };

/** Makes calls without a pause while servers and a host are killed at random, to see whether anything grows. */
export async function benchSoak(
  progress: (line: string) => void,
  { minutes, seed }: BenchOptions,
): Promise<BenchResult> {
  const random = randomFrom(seed);
  const over = new AbortController();
  const fleet = await startFleet({ separate: true, servers: SERVERS, hosts: 2 });
  const calls = startCalls(fleet);
  const kills = { servers: 0, hosts: 0 };
  const killing = Promise.all([
    repeat(over.signal, KILL_SERVER_EVERY_MS, random, async () => {
      const name = fleet.servers[Math.floor(random() * SERVERS)] ?? '';
      const ids = [fleet.instance.mark, ...fleet.loneHosts.map(({ id }) => id)];
      const pid = ids.map((id) => fleet.recordedOf(id).get(name)).find(Boolean);
      if (pid !== undefined) await signalled(pid).then(() => (kills.servers += 1));
    }),
    repeat(over.signal, KILL_HOST_EVERY_MS, random, async () => {
      const pid = fleet.loneHosts[0]?.process.pid;
      if (pid !== undefined) await signalled(pid).then(() => (kills.hosts += 1));
    }),
  ]);
  try {
    const samples = await sampleFor(fleet, minutes * MINUTE_MS, progress);
    over.abort();
    await killing;
    const outcomes = await calls.end();
    return result(samples, { ...kills, outcomes });
  } finally {
    over.abort();
    await calls.end();
    await fleet.close();
  }
}

async function sampleFor(
  { instance }: Fleet,
  forMs: number,
  progress: (line: string) => void,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const startedAt = performance.now();
  const at = () => performance.now() - startedAt;
  while (at() < forMs) {
    const { up, temporal, worker, hosts } = (await instance.instance()).pids;
    const sizeOf = (pid: number | undefined) => (pid === undefined ? 0 : residentMb([pid]));
    samples.push({
      atMs: at(),
      hostMb: sizeOf(hosts[instance.mark]),
      workerMb: sizeOf(worker),
      temporalMb: sizeOf(temporal),
      upMb: sizeOf(up),
      processes: processesOf(instance.mark).length,
    });
    const minute = Math.floor(at() / MINUTE_MS);
    await sleep(SAMPLE_INTERVAL_MS);
    if (Math.floor(at() / MINUTE_MS) > minute) progress(minuteLine(samples, minute));
  }
  return samples;
}

function result(samples: readonly Sample[], run: object): BenchResult {
  const minutes = [...new Set(samples.map(minuteOf))].map((minute) => mediansOf(samples, minute));
  const half = samples.slice(Math.floor(samples.length / 2));
  const slopes = Object.fromEntries(
    MEASURES.map((measure) => {
      const perMs = slopeOf(half.map((sample) => [sample.atMs, sample[measure]]));
      return [measure, Math.round(perMs * MINUTE_MS * 1_000) / 1_000];
    }),
  );
  const text = [
    'median of each minute:',
    ...minutes.map(({ minute }) => minuteLine(samples, minute)),
    `growth per minute in the second half (linear fit): ${JSON.stringify(slopes)}`,
    JSON.stringify(run),
  ].join('\n');
  return { text, json: { minutes, slopesPerMinute: slopes, ...run } };
}

const minuteOf = ({ atMs }: Sample) => Math.floor(atMs / MINUTE_MS);

function mediansOf(samples: readonly Sample[], minute: number) {
  const within = samples.filter((sample) => minuteOf(sample) === minute);
  const medians = MEASURES.map((measure): [string, number] => {
    return [measure, Math.round(median(within.map((sample) => sample[measure])))];
  });
  return { minute, medians: Object.fromEntries(medians) };
}

function minuteLine(samples: readonly Sample[], minute: number): string {
  const { medians } = mediansOf(samples, minute);
  const shown = Object.entries(medians).map(([name, value]) => `${name} ${value}`);
  return `  minute ${minute + 1}: ${shown.join(', ')}`;
}

/** Starts calls to all servers in turn, whatever their outcomes. */
function startCalls({ client, servers }: Fleet) {
  const outcomes: Partial<Record<Outcome | 'error', number>> = {};
  const underWay = new Set<Promise<void>>();
  let number = 0;
  const call = async () => {
    const server = servers[number++ % servers.length] ?? '';
    const { outcome } = await client
      .callTool(server, 'echo', { text: 'x' })
      .catch(() => ({ outcome: 'error' as const }));
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const timer = setInterval(() => {
    const running = call().finally(() => underWay.delete(running));
    underWay.add(running);
  }, CALL_INTERVAL_MS);
  return {
    async end() {
      clearInterval(timer);
      await Promise.all(underWay);
      return outcomes;
    },
  };
}

async function repeat(
  signal: AbortSignal,
  everyMs: number,
  random: () => number,
  act: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    await pause(everyMs * (0.5 + random()), signal);
    if (!signal.aborted) await act();
  }
}
