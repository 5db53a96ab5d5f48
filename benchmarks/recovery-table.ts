import { median, percentile } from './figures';

/** Recovery times after faults of one kind, in milliseconds. */
export interface Recovery {
  kind: string;
  times: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

export function recoveryOf(kind: string, samplesMs: readonly number[]): Recovery {
  const [p50Ms, p95Ms] = [median(samplesMs), percentile(samplesMs, 0.95)].map(Math.round);
  return {
    kind,
    times: samplesMs.length,
    p50Ms: p50Ms ?? Number.NaN,
    p95Ms: p95Ms ?? Number.NaN,
    maxMs: Math.round(Math.max(...samplesMs)),
  };
}

export function renderRecoveries(recoveries: readonly Recovery[]): string {
  const head = ['time to recovery, ms', 'times', 'p50', 'p95', 'max'];
  const rows = recoveries.map(({ kind, times, p50Ms, p95Ms, maxMs }) => [
    kind,
    ...[times, p50Ms, p95Ms, maxMs].map(String),
  ]);
  const width = Math.max(...[head, ...rows].map(([kind = '']) => kind.length));
  const line = ([kind = '', ...values]: string[]) =>
    [kind.padEnd(width), ...values.map((value) => value.padStart(7))].join('');
  return [head, ...rows].map(line).join('\n');
}
