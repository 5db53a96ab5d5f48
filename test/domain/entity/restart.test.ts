import {
  afterSession,
  backoffMs,
  type ChildFailure,
  NO_RESTARTS,
  nextRestart,
  type RestartDecision,
  type RestartHistory,
  MAX_CRASH_LOOPS,
  MAX_START_ATTEMPTS,
} from '../../../src/domain/entity/restart';
import { type RestartPolicy } from '../../../src/domain/spec';
import { CRASHED, restartPolicy } from '../samples';

const HALF = 0.5;
const READY: RestartHistory = { ...NO_RESTARTS, hasBeenReady: true };

function crash(over: Partial<ChildFailure> = {}): ChildFailure {
  return {
    atMs: 1_000_000,
    ranForMs: 50,
    cleanExit: false,
    permanent: false,
    isRemote: false,
    isAway: false,
    ...over,
  };
}

/** The decisions of one session whose child fails `times` times, `everyMs` apart. */
function decisions(
  policy: RestartPolicy,
  { times, everyMs, ...how }: { times: number; everyMs: number } & Partial<ChildFailure>,
  start = READY,
): RestartDecision[] {
  let history = start;
  return Array.from({ length: times }, (_, index) => {
    const failure = crash({ ...how, atMs: 1_000_000 + index * everyMs });
    const decision = nextRestart(policy, history, failure, HALF);
    if (decision.action === 'restart') ({ history } = decision);
    return decision;
  });
}

const delays = (made: RestartDecision[]) =>
  made.map((decision) => (decision.action === 'restart' ? decision.delayMs : decision.kind));

describe('delays', () => {
  test('are nothing first, then double', () => {
    const policy = restartPolicy({ maxRestarts: 10 });
    const made = decisions(policy, { times: 6, everyMs: 1 });
    expect(delays(made)).toEqual([0, 100, 200, 400, 800, 1_600]);
  });

  test('stop growing at the cap', () => {
    const policy = restartPolicy({ maxRestarts: 10, initialDelayMs: 100, maxDelayMs: 250 });
    expect(delays(decisions(policy, { times: 5, everyMs: 1 }))).toEqual([0, 100, 200, 250, 250]);
  });

  test('stay finite after very many failures', () => {
    expect(backoffMs(restartPolicy(), 5_000, HALF)).toBe(30_000);
  });

  test.each([
    [0, 800],
    [0.25, 900],
    [0.5, 1_000],
    [0.999999, 1_200],
  ])('are spread by the jitter: random %d gives %d ms', (random, expected) => {
    const policy = restartPolicy({ jitter: 0.2, initialDelayMs: 1_000 });
    expect(backoffMs(policy, 2, random)).toBe(expected);
  });

  test('are never negative, even with full jitter', () => {
    expect(backoffMs(restartPolicy({ jitter: 1 }), 3, 0)).toBe(0);
  });

  test('start from the beginning after the child ran stably', () => {
    const policy = restartPolicy({ stableAfterMs: 10_000, maxRestarts: 10 });
    const worn: RestartHistory = { restartsAtMs: [], consecutive: 7, hasBeenReady: true };
    const after = (ranForMs: number) =>
      delays([nextRestart(policy, worn, crash({ ranForMs }), HALF)]);
    expect(after(9_999)).toEqual([6_400]);
    expect(after(10_000)).toEqual([0]);
  });
});

describe('the budget', () => {
  test('ends the session as a crash loop', () => {
    const made = decisions(restartPolicy({ maxRestarts: 2 }), { times: 3, everyMs: 100 });
    expect(made[2]).toEqual({
      action: 'give-up',
      kind: 'crash-loop',
      reason: 'restart limit reached: 2 restarts within 60 s',
    });
  });

  test('counts only restarts within the window', () => {
    const policy = restartPolicy({ maxRestarts: 2, windowMs: 60_000 });
    const apart = (everyMs: number) =>
      decisions(policy, { times: 3, everyMs }).map(({ action }) => action);
    expect(apart(29_999)).toEqual(['restart', 'restart', 'give-up']);
    expect(apart(30_000)).toEqual(['restart', 'restart', 'restart']);
  });

  test('is not refilled by stable running', () => {
    const policy = restartPolicy({ maxRestarts: 1, stableAfterMs: 10 });
    const made = decisions(policy, { times: 2, everyMs: 100, ranForMs: 99 });
    expect(delays(made)).toEqual([0, 'crash-loop']);
  });

  test('of nothing gives up at the first failure', () => {
    expect(delays(decisions(restartPolicy({ maxRestarts: 0 }), { times: 1, everyMs: 1 }))).toEqual([
      'crash-loop',
    ]);
  });

  test('is reported with every restart', () => {
    const made = decisions(restartPolicy(), { times: 2, everyMs: 1 });
    expect(made.map(({ reason }) => reason)).toEqual([
      'restart 1 of 5 immediately',
      'restart 2 of 5 in 100 ms',
    ]);
  });
});

describe('the policy', () => {
  test.each<[RestartPolicy['policy'], boolean, string]>([
    ['always', false, 'restart'],
    ['always', true, 'restart'],
    ['on-failure', false, 'restart'],
    ['on-failure', true, 'completed'],
    ['never', false, 'failed'],
    ['never', true, 'completed'],
  ])('%s with a clean exit of %s leads to %s', (policy, cleanExit, expected) => {
    const decision = nextRestart(restartPolicy({ policy }), READY, crash({ cleanExit }), HALF);
    expect(decision.action === 'restart' ? 'restart' : decision.kind).toBe(expected);
  });

  test('does not apply when another failure is certain', () => {
    const decision = nextRestart(restartPolicy(), NO_RESTARTS, crash({ permanent: true }), HALF);
    expect(decision).toEqual({ action: 'give-up', kind: 'failed', reason: 'cannot start' });
  });
});

describe('a child that has never answered', () => {
  test('is given up after a few attempts', () => {
    const made = decisions(
      restartPolicy(),
      { times: MAX_START_ATTEMPTS, everyMs: 1, ranForMs: 0 },
      NO_RESTARTS,
    );
    expect(delays(made)).toEqual([0, 100, 'failed']);
    expect(made.at(-1)?.reason).toBe(`did not start in ${MAX_START_ATTEMPTS} attempts`);
  });

  test('is tried as often as the budget allows once it has answered', () => {
    const made = decisions(restartPolicy({ maxRestarts: 4 }), { times: 5, everyMs: 1 });
    expect(delays(made)).toEqual([0, 100, 200, 400, 'crash-loop']);
  });
});

describe('after a session', () => {
  const policy = restartPolicy();

  test('that completed the server stops', () => {
    const exit = { generation: 1, kind: 'completed' as const, error: CRASHED };
    expect(afterSession(policy, 0, exit, HALF)).toEqual({
      action: 'stop',
      reason: CRASHED.message,
    });
  });

  test('that failed the server fails with its error', () => {
    const exit = { generation: 1, kind: 'failed' as const, error: CRASHED };
    expect(afterSession(policy, 0, exit, HALF)).toEqual({ action: 'fail', error: CRASHED });
  });

  test.each(['gone', 'stopped'] as const)('that was %s from outside it starts anew', (kind) => {
    expect(afterSession(policy, 2, { generation: 1, kind }, HALF)).toMatchObject({
      action: 'retry',
      delayMs: 0,
      crashLoops: 2,
    });
  });

  test('that crash-looped it waits longer each time, then gives up', () => {
    const exit = { generation: 1, kind: 'crash-loop' as const, error: CRASHED };
    expect(afterSession(policy, 0, exit, HALF)).toMatchObject({ delayMs: 1_600, crashLoops: 1 });
    expect(afterSession(policy, 1, exit, HALF)).toMatchObject({ delayMs: 3_200, crashLoops: 2 });
    expect(afterSession(policy, MAX_CRASH_LOOPS - 1, exit, HALF)).toEqual({
      action: 'fail',
      error: {
        ...CRASHED,
        code: 'SERVER_CRASH_LOOP',
        message: `gave up after ${MAX_CRASH_LOOPS} crash loops: ${CRASHED.message}`,
      },
    });
  });

  test('without a reason the error says so', () => {
    const decision = afterSession(policy, 0, { generation: 1, kind: 'failed' }, HALF);
    expect(decision).toMatchObject({
      action: 'fail',
      error: { code: 'SERVER_EXITED', message: 'the session ended without giving a reason' },
    });
  });
});

describe('a remote server', () => {
  test('that answered before is tried for ever, at last at the longest delay', () => {
    const policy = restartPolicy({ maxRestarts: 2, maxDelayMs: 250 });
    const made = decisions(policy, { times: 50, everyMs: 1, isRemote: true });
    expect(delays(made).slice(0, 4)).toEqual([0, 100, 200, 250]);
    expect(delays(made).at(-1)).toBe(250);
  });

  test('that is not up yet is tried for ever from its first start', () => {
    const how = { times: 50, everyMs: 1, isRemote: true, isAway: true };
    const made = decisions(restartPolicy({ maxDelayMs: 250 }), how, NO_RESTARTS);
    expect(delays(made).at(-1)).toBe(250);
  });

  test('that never answered and was refused fails like any other', () => {
    const made = decisions(
      restartPolicy({}),
      { times: 9, everyMs: 1, isRemote: true },
      NO_RESTARTS,
    );
    expect(delays(made)[MAX_START_ATTEMPTS - 1]).toBe('failed');
  });
});
