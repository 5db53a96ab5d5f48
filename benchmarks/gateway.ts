import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchResult } from './bench-result';
import { type Figure, renderFigures } from './figures';
import { openIdleSession } from './gateway/callers';
import { type MainspringUnderTest, NOTHING_BETWEEN, startMainspring } from './gateway/contestants';
import { type Load, measure, type Sample } from './gateway/load';
import { PEERS } from './gateway/peers';
import { residentMb } from './processes';

const CALLERS = [1, 8, 64];
const MEASURE_MS = 5_000;
const IDLE_SESSIONS = 500;
const ACTIVE_CLIENTS = 50;
const SETTLE_MS = 5_000;

type Kind = 'nothing between' | 'Mainspring' | 'peer';

interface Row {
  name: string;
  kind: Kind;
  samples: Sample[];
  /** Reason why it has no samples. */
  failure?: string;
}

/**
 * Benchmarks one tool of one server, called directly, through Mainspring each way, and through other gateways; all in
 * one run.
 */
export async function benchGateway(progress: (line: string) => void): Promise<BenchResult> {
  const rows: Row[] = [];
  const run = async (name: string, kind: Kind, load: Load) => {
    const row = await rowOf(name, kind, load);
    progress(`  ${lineOf(row)}`);
    rows.push(row);
  };
  for (const { name, start } of NOTHING_BETWEEN) {
    const running = await start();
    await run(name, 'nothing between', running).finally(running.stop);
  }
  const mainspring = await startMainspring();
  const figures: Figure[] = [];
  try {
    for (const { name, target } of mainspring.targets) {
      await run(name, 'Mainspring', { target, mark: mainspring.instance.mark });
    }
    figures.push(...(await memoryOfSessions(mainspring, progress)));
  } finally {
    await mainspring.instance.close();
  }
  for (const { name, start } of PEERS) {
    try {
      const running = await start();
      await run(name, 'peer', running).finally(running.stop);
    } catch (error) {
      const failure = String(error).split('\n')[0] ?? '';
      progress(`  ${name}: ${failure}`);
      rows.push({ name, kind: 'peer', samples: [], failure });
    }
  }
  const all = [...barsOf(rows), ...figures];
  const text = [renderTable(rows), renderFigures(all)].join('\n\n');
  const values = Object.fromEntries(all.map(({ key, value }) => [key, value]));
  return { text, json: { rows, figures: values } };
}

async function rowOf(name: string, kind: Kind, load: Load): Promise<Row> {
  const samples: Sample[] = [];
  for (const callers of CALLERS) samples.push(await measure(load, callers, MEASURE_MS));
  return { name, kind, samples };
}

/** Measures the memory of the endpoint's process for clients that are idle, and then for some that call. */
async function memoryOfSessions(
  { instance, apiUrl, apiPid, targets }: MainspringUnderTest,
  progress: (line: string) => void,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = (key: string, label: string, value: number, unit: Figure['unit']) => {
    const figure = { key, label, value: Math.round(value * 10) / 10, unit };
    progress(`  ${label}: ${figure.value} ${unit}`);
    figures.push(figure);
  };
  await sleep(SETTLE_MS);
  add('apiMb', 'memory of the endpoint after the load', residentMb([apiPid]), 'MB');
  const sessions = await Promise.all(
    Array.from({ length: IDLE_SESSIONS }, () => openIdleSession(`${apiUrl}/mcp`)),
  );
  await sleep(SETTLE_MS);
  add('apiIdleMb', `… with ${IDLE_SESSIONS} idle sessions`, residentMb([apiPid]), 'MB');
  const direct = targets.find(({ name }) => name.endsWith('direct path'));
  if (!direct) throw new Error('no direct path');
  const load = { target: direct.target, mark: instance.mark };
  const active = await measure(load, ACTIVE_CLIENTS, MEASURE_MS);
  const label = `… and ${ACTIVE_CLIENTS} clients that call`;
  add('apiActiveMb', label, residentMb([apiPid]), 'MB');
  add('activePerSecond', 'direct calls of these clients', active.perSecond, '/s');
  await Promise.all(sessions.map((close) => close()));
  return figures;
}

/** Returns the figures that the issue demands. */
function barsOf(rows: readonly Row[]): Figure[] {
  const at = (name: string, callers: number) =>
    rows
      .find((row) => row.name === `Mainspring, ${name}`)
      ?.samples.find((sample) => sample.callers === callers);
  const best = (callers: number) =>
    Math.max(
      0,
      ...rows
        .filter(({ kind }) => kind === 'peer')
        .flatMap(({ samples }) => samples)
        .filter((sample) => sample.callers === callers)
        .map(({ perSecond }) => perSecond),
    );
  const direct = CALLERS.map((callers) => ({
    key: `direct${callers}PerSecond`,
    label: `direct path, ${callers} callers; the bar is the best peer`,
    value: at('direct path', callers)?.perSecond ?? 0,
    unit: '/s' as const,
    bar: Math.round(best(callers)),
  }));
  const cached = at('cached', 8);
  const cachedBars: Figure[] = [
    {
      key: 'cached8PerSecond',
      label: 'cached, 8 callers',
      value: cached?.perSecond ?? 0,
      unit: '/s',
      bar: 1_000,
    },
    {
      key: 'cached8P95Ms',
      label: 'cached, 8 callers, p95',
      value: cached?.p95Ms ?? Number.NaN,
      unit: 'ms',
      bar: 10,
    },
  ];
  const durable: Figure[] = [
    {
      key: 'durable64PerSecond',
      label: 'durable, 64 callers',
      value: at('durable', 64)?.perSecond ?? 0,
      unit: '/s',
      bar: 100,
    },
    {
      key: 'durable1P50Ms',
      label: 'durable, one caller, p50',
      value: at('durable', 1)?.p50Ms ?? Number.NaN,
      unit: 'ms',
      bar: 15,
    },
  ];
  return [...direct, ...cachedBars, ...durable];
}

function renderTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const head = CALLERS.map((callers) => `c=${callers}: /s p50 p95 p99 ms`.padStart(32)).join('');
  const lines = rows.map((row) => lineOf(row, width));
  return [`${''.padEnd(width)}${head}      MB`, ...lines].join('\n');
}

function lineOf(row: Row, width = 40): string {
  if (row.failure !== undefined) return `${row.name.padEnd(width)}  ${row.failure}`;
  const cells = row.samples.map(({ perSecond, p50Ms, p95Ms, p99Ms }) => {
    const times = [p50Ms, p95Ms, p99Ms].map((ms) => ms.toFixed(1).padStart(7)).join('');
    return `${perSecond.toFixed(0).padStart(11)}${times}`;
  });
  return `${row.name.padEnd(width)}${cells.join('')}${(row.samples.at(-1)?.residentMb ?? 0).toFixed(0).padStart(8)}`;
}
