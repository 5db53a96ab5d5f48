import { type Clocks, type PassedTime, passedAt } from './awake-clock';

export const readClocks = (): Clocks => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/** A clock that goes on while this machine sleeps, and that nobody can set back. */
export function machineClock(read: () => Clocks = readClocks): () => PassedTime {
  let time: PassedTime = { passedMs: 0, seen: read() };
  return () => (time = passedAt(time, read()));
}
