import { admissionOf } from '../../../src/domain/calls/admission';

test.each([
  ['RUNNING', 'running', false, 'run'],
  ['STARTING', 'running', false, 'wait'],
  ['STOPPED', 'stopped', false, 'refuse'],
  ['STOPPING', 'stopped', false, 'refuse'],
  ['STOPPED', 'stopped', true, 'wait'],
  ['STOPPING', 'stopped', true, 'wait'],
  ['STOPPING', 'running', false, 'wait'],
  ['ERROR', 'stopped', false, 'refuse'],
  ['QUARANTINED', 'running', false, 'refuse'],
  ['MAINTENANCE', 'running', false, 'wait'],
] as const)(
  'a call of a server that is %s, wanted %s, asleep %s: %s',
  (state, desired, wakes, calls) => {
    expect(admissionOf({ state, desired, wakes })).toBe(calls);
  },
);
