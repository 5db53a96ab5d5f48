import { type Evidence, violationsOf } from '../../../benchmarks/chaos/check';
import { type Sighting } from '../../../benchmarks/chaos/sightings';

const sighting = (outcome: Sighting['outcome'], over: Partial<Sighting> = {}): Sighting => ({
  ...{ key: 'k', atMs: 0, outcome, callId: 'call/1', answer: '' },
  ...over,
});
const evidence = (over: Partial<Evidence>): Evidence => ({
  keys: ['k'],
  sightings: [],
  last: [sighting('ok')],
  ledger: ['k'],
  ...over,
});

test.each<[string, Partial<Evidence>]>([
  ['an answer to what ran once', {}],
  ['the same answer again', { sightings: [sighting('ok'), sighting('ok')] }],
  ['unknown, and it ran', { last: [sighting('unknown')] }],
  ['unknown, and it did not run', { last: [sighting('unknown')], ledger: [] }],
  ['it did not run at first, and then did', { sightings: [sighting('failed')] }],
])('nothing is wrong with %s', (_what, over) => {
  expect(violationsOf(evidence(over))).toEqual([]);
});

test.each<[string, Partial<Evidence>]>([
  ['was executed 2 times', { ledger: ['k', 'k'] }],
  ['has no outcome', { last: [] }],
  ['is ok and was never executed', { ledger: [] }],
  [
    'does not run although its server does (QUEUE_TIMEOUT)',
    { last: [sighting('failed', { code: 'QUEUE_TIMEOUT' })], ledger: [] },
  ],
  ['ended as cancelled', { last: [sighting('cancelled')] }],
  [
    'was told as ok call/1 1, and at the end as ok call/1 2',
    { sightings: [sighting('ok', { answer: '1' })], last: [sighting('ok', { answer: '2' })] },
  ],
  [
    'was told as unknown call/1 , and at the end as ok call/1 ',
    { sightings: [sighting('unknown')] },
  ],
])('tells that a key %s', (problem, over) => {
  expect(violationsOf(evidence(over))).toEqual([{ key: 'k', problem }]);
});

test('a call that is told as not run must not have run', () => {
  const violations = violationsOf(evidence({ last: [sighting('failed')] }));
  expect(violations.map(({ problem }) => problem)).toContain('is told as not run and was executed');
});

test('tells of executions that nobody asked for', () => {
  const violations = violationsOf(evidence({ ledger: ['k', 'stranger'] }));
  expect(violations).toEqual([
    { key: 'stranger', problem: 'was executed although nobody called it' },
  ]);
});
