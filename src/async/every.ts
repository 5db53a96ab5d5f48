import { type Logger } from 'pino';
import { reportOnce } from './report-once';
import { pause } from './pause';

export interface BackgroundJob {
  /** Name of the job for the log: what does not happen when it fails. */
  what: string;
  pauseMs: number;
  /** Whether the first run starts without a pause. */
  atOnce?: boolean;
  look: () => Promise<void>;
}

/** Runs a job repeatedly, also after a failed run. Returns a function that ends it and waits for the current run. */
export function every(
  logger: Pick<Logger, 'info' | 'warn'>,
  { what, pauseMs, atOnce = false, look }: BackgroundJob,
): () => Promise<void> {
  const ended = new AbortController();
  const { signal } = ended;
  const told = reportOnce(logger, what);
  const looking = (async () => {
    if (atOnce) await told(look());
    while (!signal.aborted) {
      await pause(pauseMs, signal);
      if (!signal.aborted) await told(look());
    }
  })();
  return async () => {
    ended.abort();
    await looking;
  };
}
