/** Measured figure: its key in the JSON, and its text for people. */
export interface Figure {
  key: string;
  label: string;
  unit: 'ms' | 's' | '/s' | 'MB' | '%';
  value: number;
  /** Upper bound of the figure, or for a rate the lower bound. */
  bar?: number;
}

export function renderFigures(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ label }) => label.length));
  const lines = figures.map((figure) => {
    const { label, unit, value, bar } = figure;
    const shown = `${value.toFixed(1)} ${unit}`.padStart(12);
    const verdict = bar === undefined ? '' : `${isMet(figure) ? 'met' : 'MISSED'}, bar ${bar}`;
    return `${label.padEnd(width)}  ${shown}  ${verdict}`.trimEnd();
  });
  return lines.join('\n');
}

/** Returns the value below which the given part of the samples lies. */
export function percentile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** Measures the milliseconds of each of `count` runs, one after the other. */
export async function timeEach(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < count; index++) samples.push(await time(run));
  return samples;
}

/** Measures the milliseconds of one run. */
export async function time(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

function isMet({ unit, value, bar = value }: Figure): boolean {
  return unit === '/s' ? value >= bar : value <= bar;
}
