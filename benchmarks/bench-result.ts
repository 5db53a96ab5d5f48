import { type Figure, renderFigures } from './figures';

/** Flags of `npm run bench`; each part takes those that it knows. */
export interface BenchOptions {
  /** Of `recovery`: how often each fault. */
  rounds: number;
  /** Of `fleet`: servers that run, and servers that are only registered. */
  servers: number;
  onDemand: number;
  /** Of `soak`. */
  minutes: number;
  seed: number;
}

/** What a part of the benchmark has measured, for a person and for a program. */
export interface BenchResult {
  text: string;
  json: object;
}

export function resultOf(figures: readonly Figure[]): BenchResult {
  return {
    text: renderFigures(figures),
    json: Object.fromEntries(figures.map(({ key, value }) => [key, value])),
  };
}
