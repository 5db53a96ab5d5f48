import { type Outcome } from '../../src/domain/calls/calls';
import { median, percentile } from '../figures';
import { FAULT_KINDS } from './plan';
import { type ChaosResult } from './run';

const WHAT: Record<(typeof FAULT_KINDS)[number], string> = {
  server: 'process of a server: its next answer',
  roles: 'shared process of `up`: all of its servers answer',
  host: 'host of `up`: all of its servers answer',
  'lone-host': 'host on its own: all of its servers answer',
  worker: 'control worker: a command is carried out',
  api: 'MCP endpoint: nothing, as no call goes through it',
  temporal: 'Temporal: the next answer',
  caller: 'API client: its next outcome',
};

export interface ChaosReport {
  seed: number;
  calls: number;
  kills: number;
  outcomes: Partial<Record<Outcome, number>>;
  executions: number;
  /** Number of calls with an unknown outcome that had run. */
  unknownExecuted: number;
  histories: number;
  violations: ChaosResult['violations'];
  recovery: { kind: string; kills: number; p50Ms: number; p95Ms: number; maxMs: number }[];
}

export function reportOf(result: ChaosResult): ChaosReport {
  const { options, struck, last, ledger, histories, violations } = result;
  const outcomes: ChaosReport['outcomes'] = {};
  for (const { outcome } of last) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const executed = new Set(ledger);
  const unknown = last.filter(({ outcome }) => outcome === 'unknown');
  const recovery = FAULT_KINDS.flatMap((kind) => {
    const times = struck.flatMap((one) => (one.kind === kind ? (one.recoveryMs ?? []) : []));
    const sound = times.filter(Number.isFinite);
    if (sound.length === 0) return [];
    const [p50Ms, p95Ms] = [Math.round(median(sound)), Math.round(percentile(sound, 0.95))];
    return [{ kind, kills: sound.length, p50Ms, p95Ms, maxMs: Math.round(Math.max(...sound)) }];
  });
  return {
    seed: options.seed,
    calls: options.calls,
    kills: struck.length,
    outcomes,
    executions: ledger.length,
    unknownExecuted: unknown.filter(({ key }) => executed.has(key)).length,
    histories,
    violations,
    recovery,
  };
}

export function renderReport(report: ChaosReport, again: string): string {
  const { calls, kills, outcomes, executions, unknownExecuted, histories, violations } = report;
  const { unknown = 0 } = outcomes;
  const tally = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  return [
    `${calls} keyed calls, ${kills} kills: ${tally.join(', ')}`,
    `Ledger: ${executions} executions; of ${unknown} unknown calls ${unknownExecuted} had run`,
    `${histories} histories replayed`,
    '',
    'Recovery, ms                                        kills    p50    p95    max',
    ...report.recovery.map(({ kind, kills: count, p50Ms, p95Ms, maxMs }) =>
      [
        WHAT[kind as keyof typeof WHAT].padEnd(50),
        ...[count, p50Ms, p95Ms, maxMs].map((value) => String(value).padStart(6)),
      ].join(' '),
    ),
    '',
    ...(violations.length === 0
      ? ['Every invariant holds.']
      : [
          `${violations.length} VIOLATIONS:`,
          ...violations.map(({ key, problem }) => `  ${key ? `key ${key} ` : ''}${problem}`),
          `Again with the same plan: ${again}`,
        ]),
  ].join('\n');
}
