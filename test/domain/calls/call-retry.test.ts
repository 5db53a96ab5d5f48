import {
  afterRateLimit,
  type CallRetryPolicy,
  DEFAULT_CALL_RETRY,
  type FailedAttempt,
  nextAttempt,
  type RateLimitedAttempt,
} from '../../../src/domain/calls/call-retry';

const policy = (more: Partial<CallRetryPolicy>): CallRetryPolicy => ({
  strategy: 'fixed',
  delayMs: 100,
  maxDelayMs: 1_000,
  maxAttempts: 10,
  on: ['server', 'timeout'],
  ...more,
});

test.each<[CallRetryPolicy['strategy'], number, number[]]>([
  ['fixed', 0, [100, 100, 100, 100, 100]],
  ['linear', 0, [100, 200, 300, 400, 500]],
  ['exponential', 0, [100, 200, 400, 800, 1_000]],
  ['exponential-jitter', 0, [100, 200, 400, 800, 1_000]],
  ['exponential-jitter', 0.5, [75, 150, 300, 600, 750]],
  ['exponential-jitter', 1, [50, 100, 200, 400, 500]],
])('the delays of %s, with random %d, are %j', (strategy, random, expected) => {
  const delays = [1, 2, 3, 4, 5].map((attempt) =>
    nextAttempt(policy({ strategy }), { attempt, errorClass: 'server' }, random),
  );
  expect(delays.map((next) => next.action === 'retry' && next.delayMs)).toEqual(expected);
});

test.each<[string, Partial<CallRetryPolicy>, Partial<FailedAttempt>, object]>([
  ['a class that it names', {}, { errorClass: 'timeout' }, { action: 'retry', delayMs: 100 }],
  [
    'a class that it does not name',
    {},
    { errorClass: 'crash' },
    { action: 'stop', reason: 'not retried after an error of class crash' },
  ],
  ['an error without a class', {}, { errorClass: undefined }, { action: 'stop' }],
  [
    'the last attempt',
    { maxAttempts: 3 },
    { attempt: 3 },
    { action: 'stop', reason: 'tried 3 times' },
  ],
  [
    'the one before the last',
    { maxAttempts: 3 },
    { attempt: 2 },
    { action: 'retry', reason: 'attempt 3 of 3 in 100 ms' },
  ],
  ['the only attempt', { maxAttempts: 1 }, {}, { action: 'stop', reason: 'tried once' }],
  ['a delay of 0', { delayMs: 0 }, {}, { action: 'retry', delayMs: 1 }],
  ['a longer pause that was asked for', {}, { retryAfterMs: 700 }, { delayMs: 700 }],
  ['a shorter pause that was asked for', {}, { retryAfterMs: 7 }, { delayMs: 100 }],
  ['a pause beyond its longest delay', {}, { retryAfterMs: 1_001 }, { action: 'stop' }],
])('a policy after %s', (_what, written, failed, expected) => {
  const attempt: FailedAttempt = { attempt: 1, errorClass: 'server', ...failed };
  expect(nextAttempt(policy(written), attempt, 0)).toMatchObject(expected);
});

test('by default it is tried again unless the request was wrong or refused', () => {
  const { on } = DEFAULT_CALL_RETRY;
  expect(on).toEqual(expect.not.arrayContaining(['tool', 'auth', 'protocol']));
});

test.each<[string, Partial<RateLimitedAttempt>, number, object]>([
  ['waits as long as it was asked', { retryAfterMs: 2_000 }, 0, { delayMs: 2_000 }],
  ['comes back a little later than others', { retryAfterMs: 2_000 }, 1, { delayMs: 2_200 }],
  ['never waits beyond its queue time', { retryAfterMs: 9_900 }, 1, { delayMs: 10_000 }],
  ['takes 0 for at once', { retryAfterMs: 0 }, 1, { action: 'retry', delayMs: 1 }],
  ['takes it so only once', { retryAfterMs: 0, attempt: 2 }, 0, { delayMs: 500 }],
  ['ends when the pause is longer', { retryAfterMs: 10_000 }, 0, { action: 'stop' }],
  ['waits by itself when it was not told', {}, 0, { delayMs: 500 }],
  ['waits longer each time', { attempt: 3 }, 0, { delayMs: 2_000 }],
  ['ends when its queue time is over', { queueTimeLeftMs: 0 }, 0, { action: 'stop' }],
])('a call that was turned away %s', (_what, more, random, expected) => {
  const turnedAway = { attempt: 1, queueTimeLeftMs: 10_000, ...more };
  expect(afterRateLimit(turnedAway, random)).toMatchObject(expected);
});
