import { type Logger } from 'pino';
import { reportOnce } from './report-once';
import { pause } from './pause';

export interface BackgroundJob {
  /** For the log: what does not happen when it fails. */
  what: string;
  pauseMs: number;
  /** Begins without a pause. */
  atOnce?: boolean;
  look: () => Promise<void>;
}

/** Looks again and again, also after a look that failed; returns what ends it, and waits for the look under way. */
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
