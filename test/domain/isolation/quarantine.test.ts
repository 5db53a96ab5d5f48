import { DEFAULT_QUARANTINE } from '../../../src/domain/isolation/isolation';
import {
  countErrors,
  isQuarantineDue,
  nextQuarantine,
  orderedQuarantine,
  probeAtMs,
  type OwnerObservation,
} from '../../../src/domain/isolation/quarantine';

const NOW = 1_000_000;

test.each([
  [0, 30_000],
  [1, 60_000],
  [2, 120_000],
  [5, 960_000],
  [6, 1_800_000],
  [5_000, 1_800_000],
])('quarantine number %d in a row lasts %d ms', (quarantines, ms) => {
  expect(nextQuarantine(DEFAULT_QUARANTINE, quarantines, 'errors', NOW)).toEqual({
    cause: 'errors',
    reason: 'errors',
    sinceMs: NOW,
    untilMs: NOW + ms,
  });
});

test.each<[string, OwnerObservation[], boolean]>([
  ['4 errors', ['error', 'error', 'error', 'error'], false],
  ['5 errors', ['error', 'error', 'error', 'error', 'error'], true],
  ['a success between', ['error', 'error', 'success', 'error', 'error', 'error'], false],
])('after %s a quarantine is due: %#', (_title, sights, due) => {
  const errors = sights.reduce(countErrors, 0);
  expect(isQuarantineDue(DEFAULT_QUARANTINE, errors)).toBe(due);
});

test('is never due with 0 errors', () => {
  expect(isQuarantineDue({ ...DEFAULT_QUARANTINE, errors: 0 }, 1_000)).toBe(false);
});

test('by order it ends at its time, or by release only', () => {
  expect(orderedQuarantine({}, 'local:ann', NOW)).toEqual({
    cause: 'operator',
    reason: 'requested by local:ann',
    sinceMs: NOW,
  });
  expect(orderedQuarantine({ forMs: 5, reason: 'leaks' }, 'local:ann', NOW)).toMatchObject({
    reason: 'leaks',
    untilMs: NOW + 5,
  });
});

test('is probed at its end only when errors were its cause', () => {
  expect(probeAtMs(undefined)).toBeUndefined();
  expect(probeAtMs(nextQuarantine(DEFAULT_QUARANTINE, 0, 'errors', NOW))).toBe(NOW + 30_000);
  expect(probeAtMs(orderedQuarantine({ forMs: 5 }, 'local:ann', NOW))).toBeUndefined();
  expect(probeAtMs({ cause: 'tools', reason: 'changed', sinceMs: NOW })).toBeUndefined();
});
