import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 1_000;
/** At most four streams a minute. */
const MAX_PAUSE_MS = 15_000;

/**
 * Limits how often the stream of a server is reopened that keeps closing it; one that stayed open
 * is reopened at once.
 */
export class StreamPace {
  #openedAt = -Infinity;
  #pauseMs = 0;

  /** Resolves when the next stream may be opened; rejects if `signal` fires before. */
  async admit(signal: AbortSignal): Promise<void> {
    const openForMs = performance.now() - this.#openedAt;
    this.#pauseMs = pauseAfter(openForMs, this.#pauseMs);
    const waitMs = this.#pauseMs - openForMs;
    if (waitMs > 0) await delay(waitMs, undefined, { signal, ref: false });
    this.#openedAt = performance.now();
  }
}

/** Pause between the openings of two streams, of which the first was open for `openForMs`. */
export function pauseAfter(openForMs: number, pauseMs: number): number {
  if (openForMs >= MAX_PAUSE_MS) return 0;
  return Math.min(Math.max(FIRST_PAUSE_MS, 2 * pauseMs), MAX_PAUSE_MS);
}
