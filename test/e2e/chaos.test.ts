import { runChaos } from '../../benchmarks/chaos/run';

/** The short form: `npm run chaos` is the long one. */
const OPTIONS = {
  seed: 5,
  calls: 80,
  ratePerSecond: 4,
  hosts: 2,
  servers: 3,
  // One of each kind.
  faults: 6,
};

it('loses no call, runs none twice and leaves nothing behind, whatever is killed meanwhile', async () => {
  const said: string[] = [];
  const result = await runChaos(OPTIONS, { onProgress: (line) => said.push(line) });
  expect({ violations: result.violations, said }).toEqual({ violations: [], said });
  expect(result.struck).toHaveLength(OPTIONS.faults);
  expect(new Set(result.struck.map(({ kind }) => kind)).size).toBe(OPTIONS.faults);
  expect(result.histories).toBeGreaterThanOrEqual(2 * OPTIONS.servers);
});
