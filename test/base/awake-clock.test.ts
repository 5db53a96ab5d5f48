import { type Clocks, passedTimeAt } from '../../src/base/awake-clock';

const HOUR_MS = 3_600_000;
const seen: Clocks = { monotonicMs: 1_000, wallMs: 50 * HOUR_MS };

test.each<[string, number, number, number]>([
  ['both clocks go on', 500, 500, 500],
  ['the wall clock is corrected a little', 500, 700, 500],
  ['the wall clock shows whole milliseconds', 0.5, 1, 0.5],
  ['the machine sleeps', 500, HOUR_MS, HOUR_MS],
  ['the machine sleeps for a second', 1, 1_001, 1_001],
  ['the clock is set forward', 500, 500 + HOUR_MS, 500 + HOUR_MS],
  ['the clock is set back', 500, -HOUR_MS, 500],
  ['nothing happens', 0, 0, 0],
])('when %s, others see as much time pass', (_what, monotonicMs, wallMs, passedMs) => {
  const now = { monotonicMs: seen.monotonicMs + monotonicMs, wallMs: seen.wallMs + wallMs };
  expect(passedTimeAt({ passedMs: 7, reading: seen }, now)).toEqual({
    passedMs: 7 + passedMs,
    reading: now,
  });
});

test('a sleep counts also after the clock was set back', () => {
  const back = passedTimeAt(
    { passedMs: 0, reading: seen },
    { ...seen, wallMs: seen.wallMs - 5 * HOUR_MS },
  );
  const { wallMs } = back.reading;
  expect(passedTimeAt(back, { ...seen, wallMs: wallMs + HOUR_MS }).passedMs).toBe(HOUR_MS);
});

test('many readings pass no more time than few', () => {
  let time = { passedMs: 0, reading: seen };
  for (let step = 1; step <= 10_000; step++) {
    const ms = step / 10;
    const now = { monotonicMs: seen.monotonicMs + ms, wallMs: seen.wallMs + Math.floor(ms) };
    time = passedTimeAt(time, now);
  }
  expect(time.passedMs).toBeCloseTo(1_000, 5);
});
