import { Semaphore } from '../../src/async/semaphore';

const never = new AbortController().signal;

it('has so many places, and gives each out again', () => {
  const room = new Semaphore(2);
  expect([room.tryAcquire(), room.tryAcquire(), room.tryAcquire()]).toEqual([true, true, false]);
  room.release();
  expect(room.tryAcquire()).toBe(true);
});

it('admits waiting calls first', async () => {
  const room = new Semaphore(1);
  room.tryAcquire();
  const waiting = room.acquire(never);
  room.release();
  expect(room.tryAcquire()).toBe(false);
  expect(await waiting).toBe(true);
  expect(room.isAvailable).toBe(false);
});

it('forgets a caller that no longer waits', async () => {
  const room = new Semaphore(1);
  room.tryAcquire();
  const signal = new AbortController();
  const waiting = room.acquire(signal.signal);
  signal.abort();
  expect(await waiting).toBe(false);
  room.release();
  expect(room.tryAcquire()).toBe(true);
});
