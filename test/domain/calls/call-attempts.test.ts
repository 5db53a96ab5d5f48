import {
  attemptPolicy,
  isRetriedInDoubt,
  countPossiblySent,
} from '../../../src/domain/calls/call-attempts';
import { type CallHeartbeat } from '../../../src/domain/calls/calls';

const once = attemptPolicy({ repeatable: false, queueTimeoutMs: 30_000 });
const often = attemptPolicy({ repeatable: true, queueTimeoutMs: 30_000 });

test('a call that must not be repeated has as many attempts as its time in the queue can need', () => {
  const pauses: number[] = [];
  let waitedMs = 0;
  for (let pauseMs = once.initialInterval; waitedMs < 30_000; pauseMs *= once.backoffCoefficient) {
    const next = Math.min(pauseMs, once.maximumInterval);
    pauses.push(next);
    waitedMs += next;
  }
  expect(once.maximumAttempts).toBeGreaterThan(pauses.length);
  expect(once.maximumAttempts).toBeLessThan(3 * pauses.length);
  expect(often.maximumAttempts).toBeUndefined();
});

test.each(['Error', 'RangeError', 'TypeError', 'ValueError', 'CancelledFailure'])(
  'what the SDK makes of a failure of its own (%s) is not tried again',
  (type) => {
    expect(once.nonRetryableErrorTypes).toContain(type);
    expect(often.nonRetryableErrorTypes).toContain(type);
  },
);

test('retries only repeatable calls when their host went silent', () => {
  expect(isRetriedInDoubt(once)).toBe(false);
  expect(isRetriedInDoubt(often)).toBe(true);
  expect(isRetriedInDoubt({})).toBe(true); // of an older version
});

test.each<[string, number, boolean, CallHeartbeat | undefined, number]>([
  ['its first attempt is due', 1, true, undefined, 0],
  ['only what was not sent is tried again', 7, false, undefined, 0],
  ['an attempt ended without a word', 2, true, undefined, 1],
  ['three attempts ended without a word', 4, true, undefined, 3],
  ['an attempt said that it has sent', 2, true, { sent: 1, upTo: 1 }, 1],
  ['an attempt said that it has not sent', 2, true, { sent: 0, upTo: 1 }, 0],
  ['an attempt spoke before it sent, and never again', 2, true, { sent: 0, upTo: 0 }, 1],
  ['one spoke, and the next two did not', 4, true, { sent: 1, upTo: 1 }, 3],
  ['an older version spoke', 3, true, { sent: 1 }, 3],
  ['one that must not be repeated spoke', 3, false, { sent: 1 }, 1],
])('what may have reached the server: %s', (_what, attempt, inDoubt, heartbeat, expected) => {
  expect(countPossiblySent({ attempt, inDoubt, heartbeat })).toBe(expected);
});
