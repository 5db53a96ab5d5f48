import { ActivityCancelledError, ActivityNotFoundError, Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type Lease, openLease } from '../../../activities/session/lease';
import { Rounds } from '../../../src/async/rounds';
import { HEARTBEAT_INTERVAL_MS } from '../../../src/domain/limits';
import { type SessionHeartbeat } from '../../../src/domain/entity/session';
import { machineClock, readClocks } from '../../../src/base/machine-clock';
import { ownerOf } from '../../domain/samples';

const TIMEOUT_MS = 3 * HEARTBEAT_INTERVAL_MS;
const details = (): SessionHeartbeat => ({
  ...ownerOf(1),
  restarts: 0,
  inFlight: 0,
  health: 'HEALTHY',
});

/** Opens a lease whose heartbeats are answered by `answer`, in virtual time. */
async function leaseWith(answer: () => Promise<void>, read = readClocks): Promise<Lease> {
  const client = new Client();
  jest.spyOn(client.activity, 'heartbeat').mockImplementation(answer);
  const now = machineClock(read);
  const heartbeatRounds = new Rounds(HEARTBEAT_INTERVAL_MS, 1);
  return new MockActivityEnvironment().run(async () =>
    openLease({ client, heartbeatRounds }, TIMEOUT_MS, details, now),
  );
}

/** The clocks of a machine that can be put to sleep, and set. */
function sleepyClocks() {
  let offsetMs = 0;
  return {
    read: () => ({ monotonicMs: performance.now(), wallMs: Date.now() + offsetMs }),
    set: (byMs: number) => (offsetMs += byMs),
  };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

test('is held for as long as heartbeats are confirmed', async () => {
  const lease = await leaseWith(async () => undefined);
  await jest.advanceTimersByTimeAsync(5 * TIMEOUT_MS);
  expect(lease.isHeld()).toBe(true);
  lease.close();
});

test('expires when no heartbeat gets through', async () => {
  const lease = await leaseWith(async () => {
    throw new Error('unavailable');
  });
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
  expect(lease.isHeld()).toBe(true);
  await jest.advanceTimersByTimeAsync(2);
  expect(lease.isHeld()).toBe(false);
  await jest.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS);
  expect(await lease.lost).toBe('no heartbeat was delivered within the timeout');
});

test('outlives an outage that is shorter than the timeout', async () => {
  let isAway = false;
  const lease = await leaseWith(async () => {
    if (isAway) throw new Error('unavailable');
  });
  isAway = true;
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS - HEARTBEAT_INTERVAL_MS);
  isAway = false;
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(lease.isHeld()).toBe(true);
  lease.close();
});

test('counts from when a heartbeat was sent, not from its answer', async () => {
  let answers = 0;
  const lease = await leaseWith(async () => {
    if (answers++ > 0) return new Promise(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS - 1));
  });
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS + 1);
  expect(lease.isHeld()).toBe(false);
  lease.close();
});

test('is not shortened by an answer that comes late', async () => {
  let beats = 0;
  const lease = await leaseWith(async () => {
    if (++beats === 1) await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS - 100));
    if (beats > 3) throw new Error('unavailable');
  });
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS + HEARTBEAT_INTERVAL_MS / 2);
  expect(lease.isHeld()).toBe(true);
  lease.close();
});

test('is lost at once when Temporal does not know the attempt any more', async () => {
  const lease = await leaseWith(async () => {
    throw new ActivityNotFoundError('not found');
  });
  expect(await lease.lost).toBe('ended by Temporal');
  expect(lease.isHeld()).toBe(false);
});

test('tells that a stop was asked for, and is held meanwhile', async () => {
  const lease = await leaseWith(async () => {
    throw new ActivityCancelledError('cancelled');
  });
  await lease.cancelRequested;
  expect(lease.isHeld()).toBe(true);
  lease.close();
});

test('is not extended by a host that was frozen for longer than it lasts', async () => {
  let beats = 0;
  const lease = await leaseWith(async () => void beats++);
  const before = beats;
  jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 10 * TIMEOUT_MS);
  await jest.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS);
  expect(beats).toBe(before);
  expect(await lease.lost).toBe('no heartbeat was delivered within the timeout');
});

test('is not held by a machine that has slept, until Temporal confirms it anew', async () => {
  const clocks = sleepyClocks();
  let confirm: () => void = () => undefined;
  let isAsleep = false;
  const lease = await leaseWith(async () => {
    if (isAsleep) await new Promise<void>((resolve) => (confirm = resolve));
  }, clocks.read);
  await jest.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS);
  isAsleep = true;
  clocks.set(TIMEOUT_MS);
  await jest.advanceTimersByTimeAsync(1);
  expect(lease.isHeld()).toBe(false);
  await jest.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS);
  expect(lease.isHeld()).toBe(false);
  confirm();
  await jest.advanceTimersByTimeAsync(0);
  expect(lease.isHeld()).toBe(true);
  lease.close();
});

test('is not extended by the answer to a heartbeat from before a sleep', async () => {
  const clocks = sleepyClocks();
  const answers: (() => void)[] = [];
  const lease = await leaseWith(
    () => new Promise<void>((resolve) => answers.push(resolve)),
    clocks.read,
  );
  clocks.set(TIMEOUT_MS + 1);
  answers[0]?.();
  await jest.advanceTimersByTimeAsync(0);
  expect(lease.isHeld()).toBe(false);
  lease.close();
});

test('is lost when Temporal has given the session away during a sleep', async () => {
  const clocks = sleepyClocks();
  let isGiven = false;
  const lease = await leaseWith(async () => {
    if (isGiven) throw new ActivityNotFoundError('not found');
  }, clocks.read);
  isGiven = true;
  clocks.set(10 * TIMEOUT_MS);
  expect(lease.isHeld()).toBe(false);
  await jest.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS);
  expect(await lease.lost).toBe('ended by Temporal');
});

test('is neither ended nor extended by a clock that is set back', async () => {
  const clocks = sleepyClocks();
  let isAway = false;
  const lease = await leaseWith(async () => {
    if (isAway) throw new Error('unavailable');
  }, clocks.read);
  clocks.set(-1_000 * TIMEOUT_MS);
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(lease.isHeld()).toBe(true);
  isAway = true;
  clocks.set(-1_000 * TIMEOUT_MS);
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS + 1);
  expect(lease.isHeld()).toBe(false);
  lease.close();
});
