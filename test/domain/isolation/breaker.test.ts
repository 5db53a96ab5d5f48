import {
  admit,
  afterCall,
  afterOrder,
  hasOpened,
  refusesAt,
} from '../../../src/domain/isolation/breaker';
import { ERROR_CLASSES, type ErrorClass } from '../../../src/domain/calls/error-class';
import { type Breaker, CLOSED, DEFAULT_BREAKER } from '../../../src/domain/isolation/isolation';

const NOW = Date.parse('2026-11-21T18:00:00Z');
const POLICY = DEFAULT_BREAKER;
const OPEN: Breaker = {
  ...{ state: 'open', failures: 5, successes: 0, lastError: 'timeout' },
  openUntilMs: NOW + 60_000,
  reason:
    '5 calls in a row failed, the last with a timeout; next attempt at 2026-11-21T18:01:00.000Z',
};
const HALF_OPEN: Breaker = { state: 'half-open', failures: 5, successes: 0, lastError: 'timeout' };
const HELD: Breaker = afterOrder(OPEN, 'open', 'local:ann');

/** The breaker after these calls in a row; undefined is a success. */
function after(start: Breaker, calls: (ErrorClass | undefined)[], policy = POLICY): Breaker {
  return calls.reduce<Breaker>((breaker, error) => afterCall(policy, breaker, error, NOW), start);
}

const times = (count: number, error: ErrorClass | undefined = 'timeout') =>
  Array.from({ length: count }, () => error);

describe('a closed breaker', () => {
  test('opens after consecutive failures, with the reason and the end', () => {
    expect(after(CLOSED, times(4))).toMatchObject({ state: 'closed', failures: 4 });
    expect(after(CLOSED, times(5))).toEqual(OPEN);
  });

  test('counts anew after a success', () => {
    expect(after(CLOSED, [...times(4), undefined, ...times(4)])).toMatchObject({
      state: 'closed',
      failures: 4,
    });
  });

  test.each(ERROR_CLASSES.map((error) => [error]))(
    'counts an error of class %s as said',
    (error) => {
      const isOfServer = error !== 'tool' && error !== 'rate-limit';
      expect(after(CLOSED, times(5, error)).state).toBe(isOfServer ? 'open' : 'closed');
    },
  );

  test('takes a tool error for an answer, and a rate limit for nothing at all', () => {
    expect(after(CLOSED, [...times(4), 'tool']).failures).toBe(0);
    expect(after(CLOSED, [...times(4), 'rate-limit']).failures).toBe(4);
  });

  test('never opens with 0 failures', () => {
    expect(after(CLOSED, times(500), { ...POLICY, failures: 0 }).state).toBe('closed');
  });

  test('uses the singular when one failure is enough', () => {
    const { reason } = after(CLOSED, ['crash'], { ...POLICY, failures: 1 });
    expect(reason).toBe('a call failed with a crash; next attempt at 2026-11-21T18:01:00.000Z');
  });

  test('admits every call', () => {
    expect(admit(POLICY, CLOSED, true, NOW)).toMatchObject({ admitted: true, isTrial: false });
  });
});

describe('an open breaker', () => {
  test.each([
    ['refuses before its time', OPEN, false, NOW + 59_999, undefined],
    ['lets one call try at its time', OPEN, false, NOW + 60_000, 'half-open'],
    ['lets one more try while it is half-open', HALF_OPEN, false, NOW, 'half-open'],
    ['lets no second one try meanwhile', HALF_OPEN, true, NOW + 90_000, undefined],
    ['refuses for ever when an operator opened it', HELD, false, NOW + 1e9, undefined],
  ])('%s', (_title, breaker, hasTrial, nowMs, state) => {
    const admission = admit(POLICY, breaker, hasTrial, nowMs);
    expect(admission.admitted ? admission.breaker.state : undefined).toBe(state);
  });

  test('has no end and no reason any more when it is half-open', () => {
    expect(admit(POLICY, OPEN, false, NOW + 60_000)).toMatchObject({ breaker: HALF_OPEN });
  });

  test('learns nothing from calls that were sent before', () => {
    expect(after(OPEN, [undefined, 'crash', 'tool'])).toBe(OPEN);
  });

  test('is closed by a policy that never opens, unless an operator opened it', () => {
    const never = { ...POLICY, failures: 0 };
    expect(admit(never, OPEN, false, NOW)).toMatchObject({
      admitted: true,
      breaker: { state: 'closed' },
    });
    expect(admit(never, HELD, false, NOW)).toEqual({ admitted: false });
  });

  test('refuses until its time, as far as a client knows', () => {
    expect(refusesAt(POLICY, OPEN, NOW)).toBe(true);
    expect(refusesAt(POLICY, OPEN, NOW + 60_000)).toBe(false);
    expect(refusesAt(POLICY, HELD, NOW + 1e9)).toBe(true);
    expect(refusesAt(POLICY, HALF_OPEN, NOW)).toBe(false);
    expect(refusesAt(POLICY, CLOSED, NOW)).toBe(false);
  });
});

describe('a half-open breaker', () => {
  test('closes after so many successes', () => {
    expect(after(HALF_OPEN, [undefined])).toMatchObject({ state: 'half-open', successes: 1 });
    expect(after(HALF_OPEN, [undefined, 'tool'])).toEqual({ ...CLOSED, lastError: 'timeout' });
  });

  test('opens again at the first failure', () => {
    const again = after(HALF_OPEN, [undefined, 'network']);
    expect(again).toMatchObject({ state: 'open', successes: 0, openUntilMs: NOW + 60_000 });
    expect(again.reason).toContain('a call failed with a network error');
    expect(hasOpened(HALF_OPEN, again)).toBe(true);
  });

  test('waits for another trial after a rate limit', () => {
    expect(after(HALF_OPEN, ['rate-limit'])).toBe(HALF_OPEN);
  });
});

describe('an operator', () => {
  test('opens it without an end', () => {
    expect(HELD).toMatchObject({ state: 'open', lastError: 'timeout' });
    expect(HELD.openUntilMs).toBeUndefined();
    expect(HELD.reason).toBe('opened by local:ann until it is closed manually');
  });

  test.each([
    ['close', { ...CLOSED, lastError: 'timeout' }],
    ['reset', CLOSED],
  ] as const)('can %s it in any state', (order, expected) => {
    for (const breaker of [OPEN, HALF_OPEN, HELD, after(CLOSED, times(2))]) {
      expect(afterOrder(breaker, order, 'local:ann')).toEqual(expected);
    }
  });
});
