import {
  BLOCKED_AFTER_MS,
  BLOCKED_AT_START_AFTER_MS,
  LATE_CHECK_MS,
  judgeRole,
  ROLE_HEARTBEAT_MS,
  type RoleFinding,
  type RoleObservation,
  STARVED_FACTOR,
} from '../../../src/domain/hosts/role-watch';

const AT_MS = 1_000_000;
const usual = {
  nowMs: AT_MS + ROLE_HEARTBEAT_MS,
  hasReported: false,
  isReady: true,
  isSuspended: false,
  waitedMs: 0,
};
const almost = BLOCKED_AFTER_MS - ROLE_HEARTBEAT_MS;

test.each<[string, number, Partial<RoleObservation>, RoleFinding, number]>([
  ['heard', almost, { hasReported: true }, 'alive', 0],
  ['silent for one check', 0, {}, 'silent', ROLE_HEARTBEAT_MS],
  ['silent long enough', almost, {}, 'blocked', BLOCKED_AFTER_MS],
  ['silent a moment less', almost - 1, {}, 'silent', BLOCKED_AFTER_MS - 1],
  ['silent while it starts', almost, { isReady: false }, 'silent', BLOCKED_AFTER_MS],
  [
    'silent too long while it starts',
    BLOCKED_AT_START_AFTER_MS - ROLE_HEARTBEAT_MS,
    { isReady: false },
    'blocked',
    BLOCKED_AT_START_AFTER_MS,
  ],
  ['stopped by a signal', almost, { isSuspended: true }, 'suspended', 0],
  ['the machine slept', almost, { nowMs: AT_MS + LATE_CHECK_MS }, 'supervisor-late', 0],
  ['the machine slept for hours', 0, { nowMs: AT_MS + 3_600_000 }, 'supervisor-late', 0],
  ['heard after a sleep', almost, { nowMs: AT_MS + 60_000, hasReported: true }, 'alive', 0],
  ['the check is late, but not very', 0, { nowMs: AT_MS + LATE_CHECK_MS - 1 }, 'silent', 2_999],
])('%s', (_, silentMs, check, finding, counted) => {
  const found = judgeRole({ checkedAtMs: AT_MS, silentMs, starvedMs: 0 }, { ...usual, ...check });
  const { nowMs } = { ...usual, ...check };
  expect(found).toMatchObject({ finding, watch: { checkedAtMs: nowMs, silentMs: counted } });
});

test('finds a blocked role by checks on time, and never by late ones', () => {
  const findings = (everyMs: number) => {
    let watch = { checkedAtMs: 0, silentMs: 0, starvedMs: 0 };
    const found = new Set<RoleFinding>();
    for (let nowMs = everyMs; nowMs <= 4 * BLOCKED_AFTER_MS; nowMs += everyMs) {
      const check = judgeRole(watch, { ...usual, nowMs });
      watch = check.watch;
      found.add(check.finding);
    }
    return [...found];
  };
  expect(findings(ROLE_HEARTBEAT_MS)).toEqual(['silent', 'blocked']);
  expect(findings(LATE_CHECK_MS)).toEqual(['supervisor-late']);
});

test('gives a role that gets no CPU three times as long', () => {
  const blockedAfterMs = (waitedMs: number) => {
    let watch = { checkedAtMs: 0, silentMs: 0, starvedMs: 0 };
    for (let nowMs = ROLE_HEARTBEAT_MS; ; nowMs += ROLE_HEARTBEAT_MS) {
      const check = judgeRole(watch, { ...usual, nowMs, waitedMs });
      watch = check.watch;
      if (check.finding === 'blocked') return nowMs;
    }
  };
  expect(blockedAfterMs(0)).toBe(BLOCKED_AFTER_MS);
  expect(blockedAfterMs(ROLE_HEARTBEAT_MS / 2)).toBe(2 * BLOCKED_AFTER_MS);
  expect(blockedAfterMs(ROLE_HEARTBEAT_MS)).toBe(STARVED_FACTOR * BLOCKED_AFTER_MS);
});
