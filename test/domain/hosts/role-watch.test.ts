import {
  BLOCKED_AFTER_MS,
  BLOCKED_AT_START_AFTER_MS,
  LATE_LOOK_MS,
  judgeRole,
  ROLE_HEARTBEAT_MS,
  type RoleFinding,
  type RoleObservation,
  STARVED_FACTOR,
} from '../../../src/domain/hosts/role-watch';

const AT_MS = 1_000_000;
const usual = {
  nowMs: AT_MS + ROLE_HEARTBEAT_MS,
  wasHeard: false,
  isReady: true,
  isSuspended: false,
  waitedMs: 0,
};
const almost = BLOCKED_AFTER_MS - ROLE_HEARTBEAT_MS;

test.each<[string, number, Partial<RoleObservation>, RoleFinding, number]>([
  ['heard', almost, { wasHeard: true }, 'alive', 0],
  ['silent for one look', 0, {}, 'silent', ROLE_HEARTBEAT_MS],
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
  ['the machine slept', almost, { nowMs: AT_MS + LATE_LOOK_MS }, 'supervisor-late', 0],
  ['the machine slept for hours', 0, { nowMs: AT_MS + 3_600_000 }, 'supervisor-late', 0],
  ['heard after a sleep', almost, { nowMs: AT_MS + 60_000, wasHeard: true }, 'alive', 0],
  ['the look is late, but not very', 0, { nowMs: AT_MS + LATE_LOOK_MS - 1 }, 'silent', 2_999],
])('%s', (_, silentMs, look, finding, counted) => {
  const found = judgeRole({ lookedAtMs: AT_MS, silentMs, starvedMs: 0 }, { ...usual, ...look });
  const { nowMs } = { ...usual, ...look };
  expect(found).toMatchObject({ finding, watch: { lookedAtMs: nowMs, silentMs: counted } });
});

test('a blocked role is found by looks on time, and never by late ones', () => {
  const findings = (everyMs: number) => {
    let watch = { lookedAtMs: 0, silentMs: 0, starvedMs: 0 };
    const found = new Set<RoleFinding>();
    for (let nowMs = everyMs; nowMs <= 4 * BLOCKED_AFTER_MS; nowMs += everyMs) {
      const look = judgeRole(watch, { ...usual, nowMs });
      watch = look.watch;
      found.add(look.finding);
    }
    return [...found];
  };
  expect(findings(ROLE_HEARTBEAT_MS)).toEqual(['silent', 'blocked']);
  expect(findings(LATE_LOOK_MS)).toEqual(['supervisor-late']);
});

test('one that gets no CPU is given three times as long', () => {
  const blockedAfterMs = (waitedMs: number) => {
    let watch = { lookedAtMs: 0, silentMs: 0, starvedMs: 0 };
    for (let nowMs = ROLE_HEARTBEAT_MS; ; nowMs += ROLE_HEARTBEAT_MS) {
      const look = judgeRole(watch, { ...usual, nowMs, waitedMs });
      watch = look.watch;
      if (look.finding === 'blocked') return nowMs;
    }
  };
  expect(blockedAfterMs(0)).toBe(BLOCKED_AFTER_MS);
  expect(blockedAfterMs(ROLE_HEARTBEAT_MS / 2)).toBe(2 * BLOCKED_AFTER_MS);
  expect(blockedAfterMs(ROLE_HEARTBEAT_MS)).toBe(STARVED_FACTOR * BLOCKED_AFTER_MS);
});
