import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type BenchOptions, type BenchResult } from './bench-result';
import { type Checkout, checkoutOf, ownCheckout } from './compare/checkout';
import { FIGURES, type Figures, PARTS } from './compare/figure-names';
import { bestPeers } from './compare/peers';
import { ratiosOf, renderRatios } from './compare/ratios';

const run = promisify(execFile);
const MEASURE = require.resolve('./compare/measure-checkout');
const MEASURE_LIMIT_MS = 600_000;
const figuresSchema: z.ZodType<Figures> = z.partialRecord(
  z.enum(Object.keys(FIGURES) as [keyof typeof FIGURES]),
  z.number(),
);

/**
 * Compares this checkout with a commit: each is measured in turn with its own build and client, in as many rounds as
 * asked for, so that what the machine does at the time meets both.
 */
export async function benchCompare(
  progress: (line: string) => void,
  { commit, rounds, only }: BenchOptions,
): Promise<BenchResult> {
  if (commit === undefined) throw new Error('Name a commit: npm run bench -- compare <commit>');
  const parts = only ?? PARTS;
  const before = await checkoutOf(commit, progress);
  const after = ownCheckout();
  const measured: { before: Figures; after: Figures; peers: Figures }[] = [];
  for (let round = 1; round <= rounds; round++) {
    const first = round % 2 === 1;
    const figures = { before: {}, after: {} };
    for (const which of first ? (['before', 'after'] as const) : (['after', 'before'] as const)) {
      const checkout = which === 'before' ? before : after;
      figures[which] = await figuresOf(checkout, parts);
      progress(`  round ${round}, ${checkout.name}: ${JSON.stringify(figures[which])}`);
    }
    const peers = parts.includes('peers') ? await bestPeers(progress) : {};
    measured.push({ ...figures, peers });
  }
  const ratios = ratiosOf(measured);
  const againstPeers = ratiosOf(
    measured.map(({ peers, after: now }) => ({ before: peers, after: now })),
  );
  const text = [
    renderRatios(ratios, [before.name, after.name]),
    ...(againstPeers.length > 0 ? [renderRatios(againstPeers, ['best peer', after.name])] : []),
  ].join('\n\n');
  return { text, json: { rounds: measured, ratios, againstPeers } };
}

async function figuresOf({ root }: Checkout, parts: readonly string[]): Promise<Figures> {
  const args = [MEASURE, root, parts.join(',')];
  const { stdout } = await run(process.execPath, args, { timeout: MEASURE_LIMIT_MS });
  return figuresSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}
