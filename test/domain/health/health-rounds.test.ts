import { type CheckResult, type HealthPolicy } from '../../../src/domain/health/health';
import {
  DEFAULT_THRESHOLDS,
  DOUBTFUL_INTERVAL_MS,
  healthPolicyOf,
  nextRoundMs,
  slowAfterMs,
} from '../../../src/domain/health/health-policy';
import {
  type AfterRound,
  afterRound,
  JUST_STARTED,
} from '../../../src/domain/health/health-rounds';
import { type UrlSpec } from '../../../src/domain/spec';
import { restartPolicy, stdioSpec } from '../samples';

const CALL_MS = 60_000;
const ROUND_MS = 7_000;
const policy = healthPolicyOf(stdioSpec());

const checks: Record<string, CheckResult[]> = {
  ok: [{ name: 'ping', kind: 'ping', status: 'passed', latencyMs: 1 }],
  slow: [{ name: 'ping', kind: 'ping', status: 'slow', latencyMs: 4_000, message: 'took 4 s' }],
  silent: [{ name: 'ping', kind: 'ping', status: 'failed', message: 'no answer' }],
  wrong: [{ name: 'tools', kind: 'tools', status: 'failed', latencyMs: 1, message: 'no tools' }],
  advised: [{ name: 'http', kind: 'http', status: 'failed', advisory: true, message: 'refused' }],
  optional: [
    { name: 'ping', kind: 'ping', status: 'passed', latencyMs: 1 },
    { name: 'http', kind: 'http', status: 'failed', optional: true, message: 'no answer' },
  ],
  mute: [
    { name: 'ping', kind: 'ping', status: 'failed', message: 'no answer' },
    { name: 'http', kind: 'http', status: 'failed', optional: true, message: 'no answer' },
  ],
  suspended: [
    { name: 'ping', kind: 'ping', status: 'failed', message: 'no answer' },
    { name: 'process', kind: 'process', status: 'failed', message: 'it is suspended' },
  ],
};

/** The rounds of `text`, such as `ok silent silent*`: with `*` a call is with the server, with `!` its process is stopped. */
function play(text: string, over: Partial<HealthPolicy> = {}): AfterRound[] {
  let standing = JUST_STARTED;
  return text.split(' ').map((word, index) => {
    const after = afterRound({ ...policy, ...over }, standing, {
      ...{ atMs: index * ROUND_MS, callMs: CALL_MS, inFlight: word.includes('*') ? 1 : 0 },
      isSuspended: word.includes('!'),
      checks: checks[word.replace(/[*!]/g, '')] ?? [],
    });
    standing = after.standing;
    return after;
  });
}

const shown = (rounds: AfterRound[]) =>
  rounds.map(({ standing, restart }) => `${standing.health[0]}${restart ? '!' : ''}`).join('');

const thresholds = (over: Partial<HealthPolicy['thresholds']>) => ({
  thresholds: { ...DEFAULT_THRESHOLDS, ...over },
});

test.each([
  ['a healthy server', 'ok ok ok', 'HHH', {}],
  ['one failure', 'ok wrong ok ok', 'HDDH', {}],
  ['failures in a row', 'wrong wrong wrong wrong wrong', 'DUUU!U!', {}],
  ['a failure every other round', 'wrong ok wrong ok wrong ok', 'DDDDDD', {}],
  ['recovery', 'wrong wrong ok ok', 'DUDH', {}],
  ['a relapse', 'wrong wrong ok wrong wrong wrong wrong', 'DUDDUUU!', {}],
  ['slow answers', 'slow slow ok ok', 'DDDH', {}],
  ['a slow answer after failures', 'wrong wrong wrong slow wrong', 'DUUDD', {}],
  ['silence under a call', 'silent* silent* silent* ok ok', 'DDDDH', {}],
  [
    'silence longer than a call may take',
    `${'silent* '.repeat(9)}silent* silent* silent* silent*`,
    'DDDDDDDDDDUUU!',
    {},
  ],
  ['silence after the calls are gone', 'silent* silent silent silent silent', 'DDUUU!', {}],
  ['a suspended process under a call', 'suspended* suspended* suspended* suspended*', 'DUUU!', {}],
  ['a stopped process that only pings tell of', 'silent*! silent*! silent*! silent*!', 'DUUU!', {}],
  ['a wrong answer under a call', 'wrong* wrong* wrong* wrong*', 'DUUU!', {}],
  ['an advisory failure', 'advised advised advised advised ok ok', 'DDDDDH', {}],
  ['an optional check that fails while it answers', 'optional optional optional', 'HHH', {}],
  ['an optional check that fails with all others', 'mute mute mute mute', 'DUUU!', {}],
  ['a server without checks', 'none none', 'HH', {}],
  [
    'patient thresholds',
    'wrong wrong wrong wrong',
    'HDDU',
    thresholds({ degraded: 2, unhealthy: 4 }),
  ],
  ['strict thresholds', 'wrong wrong', 'U!U!', thresholds({ unhealthy: 1, restart: 1 })],
  ['no restarts', 'wrong wrong wrong wrong wrong', 'DUUUU', thresholds({ restart: 0 })],
  ['recovery at once', 'wrong wrong ok', 'DUH', thresholds({ recovered: 1 })],
])('%s', (_name, rounds, expected, over) => {
  expect(shown(play(rounds, over))).toBe(expected);
});

test('says why', () => {
  const reasons = play('ok slow advised silent* wrong wrong wrong wrong ok').map(
    ({ reason }) => reason,
  );
  expect(reasons).toEqual([
    'all checks passed',
    'ping: took 4 s',
    'http: refused',
    'possibly busy with a call: ping: no answer',
    ...Array<string>(4).fill('tools: no tools'),
    'all checks passed, 1 of 2 rounds in a row',
  ]);
  expect(play('optional').at(-1)?.reason).toBe(
    'all checks passed, except an optional one (http: no answer)',
  );
  expect(play('wrong wrong wrong wrong').at(-1)?.restart).toBe(
    'UNHEALTHY for 3 rounds in a row: tools: no tools',
  );
});

describe('the policy of a server', () => {
  const { process, ...common } = stdioSpec();
  const remote = { url: 'https://example.com/mcp', headers: {} };
  const http: UrlSpec = { ...common, type: 'http', remote };

  test.each([
    ['stdio', stdioSpec(), ['ping', 'tools', 'process']],
    ['remote', http, ['ping', 'tools', 'http']],
    ['owned with a URL', { ...http, process }, ['ping', 'tools', 'process', 'http']],
  ])('of kind %s has checks by default', (_kind, spec, kinds) => {
    expect(healthPolicyOf(spec).checks.map(({ kind }) => kind)).toEqual(kinds);
  });

  test('is what its spec says', () => {
    const health = { intervalMs: 1_000, checks: [], thresholds: { unhealthy: 5 } };
    expect(healthPolicyOf(stdioSpec({ health }))).toEqual({
      ...{ intervalMs: 1_000, timeoutMs: 5_000, checks: [] },
      thresholds: { degraded: 1, unhealthy: 5, restart: 3, recovered: 2 },
    });
  });

  test('never restarts what is never restarted', () => {
    const restart = restartPolicy({ policy: 'never' });
    expect(healthPolicyOf(stdioSpec({ restart })).thresholds.restart).toBe(0);
  });

  test('calls an answer slow that takes half of its timeout, or longer than the check allows', () => {
    expect(slowAfterMs(policy, { kind: 'ping' })).toBe(2_500);
    expect(slowAfterMs(policy, { kind: 'ping', timeoutMs: 100 })).toBe(50);
    expect(slowAfterMs(policy, { kind: 'ping', slowMs: 7 })).toBe(7);
    expect(slowAfterMs(policy, { kind: 'command', command: 'x', args: [] })).toBeUndefined();
  });
});

test.each([
  ['the interval', 30_000, false, 0.5, 30_000],
  ['20 % less', 30_000, false, 0, 24_000],
  ['20 % more', 30_000, false, 1, 36_000],
  ['soon when in doubt', 30_000, true, 0.5, DOUBTFUL_INTERVAL_MS],
  ['never later than the interval', 200, true, 0.5, 200],
])('the next round comes after %s', (_name, intervalMs, isInDoubt, random, expected) => {
  expect(nextRoundMs({ ...policy, intervalMs }, isInDoubt, random)).toBe(expected);
});
