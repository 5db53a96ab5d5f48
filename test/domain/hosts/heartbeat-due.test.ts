import { isHeartbeatDue } from '../../../src/domain/hosts/heartbeat-due';

test.each([
  // round, ms since the last confirmed one, timeout
  [2, 2_000, 5_000, true],
  [2, 300, 5_000, true],
  [1, 300, 5_000, false],
  [3, 1_000, 5_000, false],
  [3, 1_400, 60_000, false],
  [3, 3_000, 5_000, true], // the last one was not confirmed
  [3, 3_000, 60_000, true],
  [3, 1_000, 2_000, true], // short timeouts: in each round
  [3, 1_001, 4_000, true],
])('round %i, %i ms after the last one, timeout %i ms: %s', (round, sinceMs, timeoutMs, isDue) => {
  expect(isHeartbeatDue(round, sinceMs, timeoutMs)).toBe(isDue);
});
