import { readFileSync } from 'node:fs';
import { PAGE, renderPage } from '../../benchmarks/conformance/page';
import { compareConformance, lostOf } from '../../benchmarks/conformance/run';

it('passes through Mainspring whatever the server passes directly, as docs/conformance.md says', async () => {
  const comparisons = await compareConformance();
  expect(lostOf(comparisons)).toEqual([]);
  // If not: npm run conformance
  expect(renderPage(comparisons)).toBe(readFileSync(PAGE, 'utf8'));
});
