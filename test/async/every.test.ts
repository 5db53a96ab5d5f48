import { setTimeout as sleep } from 'node:timers/promises';
import { every } from '../../src/async/every';

const PAUSE_MS = 2;

function loggerFor(lines: string[]) {
  const line = (level: string) => (first: unknown, text?: string) =>
    void lines.push(`${level} ${text ?? String(first)}`);
  return { info: line('info'), warn: line('warn') };
}

it('continues after failed runs, and logs a failure once for as long as it is the same', async () => {
  const failures = ['full', 'full', 'full', undefined, undefined, 'gone', 'full'];
  const lines: string[] = [];
  let looks = 0;
  let done: () => void = () => undefined;
  const allDone = new Promise<void>((resolve) => (done = resolve));
  const end = every(loggerFor(lines), {
    ...{ what: 'Sweeping', pauseMs: PAUSE_MS, atOnce: true },
    run: async () => {
      const failure = failures[looks++];
      if (looks === failures.length) done();
      if (failure !== undefined) throw new Error(failure);
    },
  });
  await allDone;
  await end();
  expect(looks).toBe(failures.length);
  expect(lines).toEqual([
    'warn Sweeping failed: full',
    'info Sweeping works again',
    'warn Sweeping failed: gone',
    'warn Sweeping failed: full',
  ]);
});

it('waits for the current run when it ends', async () => {
  let finish: () => void = () => undefined;
  const run = () => new Promise<void>((resolve) => (finish = resolve));
  const job = { what: 'Sweeping', pauseMs: PAUSE_MS, atOnce: true, run };
  const ended = every(loggerFor([]), job)();
  let isOver = false;
  void ended.then(() => (isOver = true));
  await sleep(PAUSE_MS);
  expect(isOver).toBe(false);
  finish();
  await ended;
});
