import { runChaos } from '../../benchmarks/chaos/run';

/** The short form: `npm run chaos` is the long one. */
const OPTIONS = {
  seed: 5,
  calls: 80,
  ratePerSecond: 4,
  hosts: 2,
  servers: 3,
};

/** One of each kind. */
const FORMS = [
  { separate: false, faults: 5 },
  { separate: true, faults: 7 },
];

it.each(FORMS)(
  'loses no call, runs none twice and leaves nothing behind, whatever is killed meanwhile: %j',
  async (form) => {
    const said: string[] = [];
    const result = await runChaos(
      { ...OPTIONS, ...form },
      { onProgress: (line) => said.push(line) },
    );
    expect({ violations: result.violations, said }).toEqual({ violations: [], said });
    expect(result.struck).toHaveLength(form.faults);
    expect(new Set(result.struck.map(({ kind }) => kind)).size).toBe(form.faults);
    expect(result.histories).toBeGreaterThanOrEqual(2 * OPTIONS.servers);
  },
);
