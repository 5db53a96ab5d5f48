import { type Logger } from 'pino';
import { reportOnce } from './report-once';
import { pause } from './pause';

export interface BackgroundJob {
  /** Name of the job for the log: what does not happen when it fails. */
  what: string;
  pauseMs: number;
  /** Whether the first run starts without a pause. */
  atOnce?: boolean;
  run: () => Promise<void>;
}

/** Runs a job repeatedly, also after a failed run. Returns a function that ends it and waits for the current run. */
export function every(
  logger: Pick<Logger, 'info' | 'warn'>,
  { what, pauseMs, atOnce = false, run: run }: BackgroundJob,
): () => Promise<void> {
  const ended = new AbortController();
  const { signal } = ended;
  const report = reportOnce(logger, what);
  const running = (async () => {
    if (atOnce) await report(run());
    while (!signal.aborted) {
      await pause(pauseMs, signal);
      if (!signal.aborted) await report(run());
    }
  })();
  return async () => {
    ended.abort();
    await running;
  };
}
