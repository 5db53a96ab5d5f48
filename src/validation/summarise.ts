import { percentile } from '../base/percentile';
import { type ValidationLoad } from '../domain/servers/validation';

export interface Sample {
  ms: number;
  succeeded: boolean;
}

/** Summarises the response times and success of many requests. */
export function summarise(samples: readonly Sample[]): ValidationLoad {
  const sorted = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  const sum = sorted.reduce((total, ms) => total + ms, 0);
  return {
    requests: samples.length,
    succeeded: samples.filter(({ succeeded }) => succeeded).length,
    averageMs: rounded(sum / Math.max(1, sorted.length)),
    p50Ms: rounded(percentile(sorted, 0.5) ?? 0),
    p95Ms: rounded(percentile(sorted, 0.95) ?? 0),
  };
}

export function loadText({ succeeded, requests, averageMs, p50Ms, p95Ms }: ValidationLoad): string {
  const times = `average ${averageMs} ms, p50 ${p50Ms} ms, p95 ${p95Ms} ms`;
  return `${times}, ${succeeded} of ${requests} succeeded`;
}

const rounded = (ms: number) => Math.round(ms * 10) / 10;
