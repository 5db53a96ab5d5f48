import { FAULT_KINDS, planChaos } from '../../../benchmarks/chaos/plan';

const options = {
  ...{ seed: 7, calls: 100, ratePerSecond: 10, hosts: 3, servers: 4 },
  separate: true,
  faults: 14,
};
const SHARED = ['roles'];

test('the same seed gives the same plan, another one another', () => {
  expect(planChaos(options)).toEqual(planChaos(options));
  expect(planChaos({ ...options, seed: 8 })).not.toEqual(planChaos(options));
});

test('calls come at a steady rate, each under a key of its own', () => {
  const { calls } = planChaos(options);
  expect(calls).toHaveLength(100);
  expect(new Set(calls.map(({ key }) => key)).size).toBe(100);
  expect(calls.map(({ atMs }) => atMs)).toEqual(calls.map((_, n) => n * 100));
  for (const { server } of calls) expect([0, 1, 2, 3]).toContain(server);
});

test('every kind of fault comes equally often, in order of time and while there are calls', () => {
  const { faults } = planChaos(options);
  for (const kind of FAULT_KINDS.filter((one) => !SHARED.includes(one))) {
    expect(faults.filter((fault) => fault.kind === kind)).toHaveLength(2);
  }
  const times = faults.map(({ atMs }) => atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.every((atMs) => atMs >= 0 && atMs <= 10_000)).toBe(true);
});

test('without a host of its own none is killed', () => {
  const { faults } = planChaos({ ...options, hosts: 1 });
  expect(faults.filter(({ kind }) => kind === 'lone-host')).toEqual([]);
});

test('roles that share a process are killed together', () => {
  const { faults } = planChaos({ ...options, separate: false });
  const kinds = new Set(faults.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['server', 'roles', 'lone-host', 'temporal', 'caller']));
});
