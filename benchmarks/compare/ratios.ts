import { median } from '../figures';
import { FIGURES, type FigureName, type Figures } from './figure-names';

/** One figure of both checkouts over all rounds. */
export interface Ratio {
  name: FigureName;
  before: number;
  after: number;
  /** Median, lowest and highest of after / before, round by round. */
  ratio: number;
  lowest: number;
  highest: number;
  bar?: number;
  isMet?: boolean;
}

/** Compares round by round, because a shared machine is faster in one minute than in the next. */
export function ratiosOf(rounds: readonly { before: Figures; after: Figures }[]): Ratio[] {
  return (Object.keys(FIGURES) as FigureName[]).flatMap((name) => {
    const pairs = rounds.flatMap(({ before, after }) => {
      const [old, now] = [before[name], after[name]];
      return old === undefined || now === undefined ? [] : [{ old, now }];
    });
    if (pairs.length === 0) return [];
    const ratios = pairs.map(({ old, now }) => now / old);
    const { bar, isRate } = { bar: undefined, isRate: false, ...FIGURES[name] };
    const ratio = median(ratios);
    return {
      name,
      before: median(pairs.map(({ old }) => old)),
      after: median(pairs.map(({ now }) => now)),
      ratio,
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
      ...(bar !== undefined && { bar, isMet: isRate ? ratio >= bar : ratio <= bar }),
    };
  });
}

/** Renders a table in Markdown. */
export function renderRatios(ratios: readonly Ratio[], [before, after]: [string, string]): string {
  const rows = ratios.map((one) => {
    const { ratio, lowest, highest, bar, isMet } = one;
    const spread = `${lowest.toFixed(2)}-${highest.toFixed(2)}`;
    const verdict = bar === undefined ? '' : `${bar} ${isMet ? 'met' : 'MISSED'}`;
    const { label } = FIGURES[one.name];
    return [label, shown(one.before), shown(one.after), ratio.toFixed(2), spread, verdict];
  });
  const cells = [['figure', before, after, 'ratio', 'spread', 'bar'], ...rows];
  const widths = cells[0]?.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join(' | ')} |`;
  const rule = line((widths ?? []).map((width) => '-'.repeat(width)));
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line)].join('\n');
}

const shown = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
