import {
  EARLY_LOSS_MS,
  type HostLosses,
  lossesAfter,
  NO_HOST_LOSSES,
  precautionFor,
  QUICK_LOSS_MS,
} from '../../../src/domain/hosts/host-losses';

const GONE = 'the process of host vm is gone';
const EARLY_MS = QUICK_LOSS_MS;

interface Before {
  epoch?: number;
  hostLosses?: HostLosses;
  launchedForMs?: number;
}

test.each<[string, Before, string | undefined, HostLosses]>([
  ['at the start', { launchedForMs: 0 }, GONE, { early: 1, quick: 1 }],
  ['at the start, unseen', { launchedForMs: 0 }, undefined, { early: 1, quick: 1 }],
  ['before the start', {}, GONE, NO_HOST_LOSSES],
  ['in the first minutes', { launchedForMs: EARLY_MS }, GONE, { early: 1, quick: 0 }],
  ['later', { launchedForMs: EARLY_LOSS_MS }, GONE, NO_HOST_LOSSES],
  [
    'at the start, again',
    { launchedForMs: 900, hostLosses: { early: 1, quick: 1 } },
    'activity Heartbeat timeout',
    { early: 2, quick: 2 },
  ],
  [
    'in the first minutes, after quick ones',
    { launchedForMs: EARLY_MS, hostLosses: { early: 2, quick: 2 } },
    GONE,
    { early: 3, quick: 0 },
  ],
  [
    'before the start, after quick ones',
    { hostLosses: { early: 2, quick: 2 } },
    GONE,
    { early: 2, quick: 2 },
  ],
  [
    'later, after quick ones',
    { launchedForMs: EARLY_LOSS_MS, hostLosses: { early: 2, quick: 2 } },
    GONE,
    NO_HOST_LOSSES,
  ],
])('a host that died %s is counted', (_when, last, lastFailure, losses) => {
  expect(lossesAfter({ epoch: 4, ...last }, 5, lastFailure)).toEqual(losses);
});

test.each([
  'host vm is draining',
  'host vm is full',
  'host vm cannot run it: variable X is not set',
  'host vm lost it: no heartbeat was delivered within the timeout',
])('an owner that has said "%s" has not died', (lastFailure) => {
  const hostLosses = { early: 1, quick: 1 };
  const last = { epoch: 4, launchedForMs: 10, hostLosses };
  expect(lossesAfter(last, 5, lastFailure)).toEqual(hostLosses);
  // Said by another attempt, which never began.
  expect(lossesAfter(last, 6, lastFailure)).toEqual({ early: 2, quick: 2 });
});

test('a session without an owner before has lost no host', () => {
  expect(lossesAfter(undefined, 1, undefined)).toEqual(NO_HOST_LOSSES);
  expect(lossesAfter(undefined, 2, GONE)).toEqual(NO_HOST_LOSSES);
});

test.each<[HostLosses, number, number, number]>([
  [NO_HOST_LOSSES, 0, 0, 0],
  [{ early: 1, quick: 1 }, 0, 0, 0],
  [{ early: 2, quick: 2 }, 0, 2_000, 0],
  [{ early: 2, quick: 2 }, 2_500, 4_500, 0],
  [{ early: 3, quick: 0 }, 5_000, 0, 0],
  [{ early: 4, quick: 0 }, 5_000, 7_000, 0],
  [{ early: 4, quick: 0 }, 10_000, 0, 0],
  [{ early: 5, quick: 5 }, 100, 2_100, 1_000],
  [{ early: 6, quick: 0 }, 30_000, 32_000, 2_000],
  [{ early: 7, quick: 0 }, 10_000, 0, 4_000],
  [{ early: 12, quick: 0 }, 100_000, 102_000, 10_000],
  [{ early: 50, quick: 0 }, 10_000, 0, 10_000],
])(
  'after %j, the last after %d ms, it is rehearsed for %d ms and waits for %d ms',
  (losses, ranForMs, rehearseMs, pauseMs) => {
    expect(precautionFor(losses, ranForMs)).toEqual({ rehearseMs, pauseMs });
  },
);
