import { type Clocks, type PassedTime, passedTimeAt } from './awake-clock';

export const readClocks = (): Clocks => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/** Returns a clock that runs on while this machine sleeps, and that cannot be set back. */
export function machineClock(read: () => Clocks = readClocks): () => PassedTime {
  let time: PassedTime = { passedMs: 0, reading: read() };
  return () => (time = passedTimeAt(time, read()));
}
