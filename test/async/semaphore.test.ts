import { CallRoom } from '../../src/async/semaphore';

const never = new AbortController().signal;

it('has so many places, and gives each out again', () => {
  const room = new CallRoom(2);
  expect([room.tryEnter(), room.tryEnter(), room.tryEnter()]).toEqual([true, true, false]);
  room.leave();
  expect(room.tryEnter()).toBe(true);
});

it('lets those that wait go first', async () => {
  const room = new CallRoom(1);
  room.tryEnter();
  const waiting = room.enter(never);
  room.leave();
  expect(room.tryEnter()).toBe(false);
  expect(await waiting).toBe(true);
  expect(room.hasPlace).toBe(false);
});

it('forgets one that does not wait any more', async () => {
  const room = new CallRoom(1);
  room.tryEnter();
  const signal = new AbortController();
  const waiting = room.enter(signal.signal);
  signal.abort();
  expect(await waiting).toBe(false);
  room.leave();
  expect(room.tryEnter()).toBe(true);
});
