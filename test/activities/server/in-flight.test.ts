import { InFlight } from '../../../activities/server/in-flight';

test('counts the calls that have not ended, however they end', async () => {
  const calls = new InFlight();
  let end: () => void = () => undefined;
  const running = calls.track(() => new Promise<void>((resolve) => (end = resolve)));
  const failing = calls.track(async () => {
    throw new Error('lost');
  });
  expect(calls.count).toBe(2);
  await expect(failing).rejects.toThrow('lost');
  expect(calls.count).toBe(1);
  end();
  await running;
  expect(calls.count).toBe(0);
});

test('is quiet at once without calls', async () => {
  await new InFlight().quiet(60_000);
});

test('is quiet when the last call has ended, however long the grace', async () => {
  const calls = new InFlight();
  const ends: (() => void)[] = [];
  const running = [1, 2].map(() =>
    calls.track(() => new Promise<void>((resolve) => ends.push(resolve))),
  );
  let isQuiet = false;
  const quiet = calls.quiet(60_000).then(() => (isQuiet = true));
  ends[0]?.();
  await running[0];
  expect(isQuiet).toBe(false);
  ends[1]?.();
  await quiet;
  expect(calls.count).toBe(0);
});

test('does not wait longer than the grace', async () => {
  const calls = new InFlight();
  void calls.track(() => new Promise(() => undefined));
  await calls.quiet(1);
  expect(calls.count).toBe(1);
});
