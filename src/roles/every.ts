import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';

/** Looks again and again, also after a look that failed; returns what ends it, and waits for the look under way. */
export function every(
  pauseMs: number,
  logger: Logger,
  look: () => Promise<void>,
): () => Promise<void> {
  const ended = new AbortController();
  const { signal } = ended;
  const looking = (async () => {
    while (!signal.aborted) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await look().catch((error: unknown) => {
        logger.debug({ error: String(error) }, 'a look has failed; the next one follows');
      });
    }
  })();
  return async () => {
    ended.abort();
    await looking;
  };
}
