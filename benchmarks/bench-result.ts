import { type Figure, renderFigures } from './figures';

/** Flags of `npm run bench`; each part takes those that it knows. */
export interface BenchOptions {
  /** Rounds of each fault, for `recovery`. */
  rounds: number;
  /** Servers that run, and servers that are only registered, for `fleet`. */
  servers: number;
  onDemand: number;
  /** Duration of `soak`. */
  minutes: number;
  seed: number;
  /** Commit that `compare` compares with, and the parts that it is limited to. */
  commit?: string | undefined;
  only?: string[] | undefined;
}

/** Measurements of one part of the benchmark, for people and programs. */
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
