import { Rounds } from '../../src/async/rounds';

const INTERVAL_MS = 1_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('runs jobs together that were added at different times', () => {
  const rounds = new Rounds(INTERVAL_MS, 10);
  const ranAt: Record<string, number[]> = { early: [], late: [] };
  const begin = performance.now();
  const add = (name: string) => rounds.add(() => ranAt[name]?.push(performance.now() - begin));
  const ends = [add('early')];
  jest.advanceTimersByTime(INTERVAL_MS * 0.7);
  ends.push(add('late'));
  jest.advanceTimersByTime(INTERVAL_MS * 1.3);
  expect(ranAt).toEqual({
    early: [INTERVAL_MS, 2 * INTERVAL_MS],
    late: [INTERVAL_MS, 2 * INTERVAL_MS],
  });
  for (const end of ends) end();
});

test('runs no more jobs at once than allowed', () => {
  const rounds = new Rounds(INTERVAL_MS, 2);
  let ran = 0;
  const add = () => rounds.add(() => ran++);
  const ends = [add(), add()];
  jest.advanceTimersByTime(INTERVAL_MS / 2);
  ends.push(add());
  jest.advanceTimersByTime(INTERVAL_MS / 2);
  expect(ran).toBe(2);
  jest.advanceTimersByTime(INTERVAL_MS / 2);
  expect(ran).toBe(3);
  for (const end of ends) end();
});

test('leaves no timer behind, and fills groups that have room again', () => {
  const rounds = new Rounds(INTERVAL_MS, 2);
  const [first, second] = [rounds.add(() => undefined), rounds.add(() => undefined)];
  first();
  first();
  const third = rounds.add(() => undefined);
  expect(jest.getTimerCount()).toBe(1);
  second();
  third();
  expect(jest.getTimerCount()).toBe(0);
});

test('runs no job that ended in the same round', () => {
  const rounds = new Rounds(INTERVAL_MS, 2);
  const ran: string[] = [];
  const endFirst = rounds.add(() => {
    ran.push('first');
    endSecond();
  });
  const endSecond = rounds.add(() => ran.push('second'));
  jest.advanceTimersByTime(INTERVAL_MS);
  expect(ran).toEqual(['first']);
  endFirst();
});
