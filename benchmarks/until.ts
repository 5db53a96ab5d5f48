import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;
const LIMIT_MS = 60_000;

/** Polls until `poll` returns something; an error counts as nothing. */
export async function until<T>(
  what: string,
  poll: () => Promise<T | undefined | false> | T | undefined | false,
  { limitMs = LIMIT_MS, pollMs = POLL_MS } = {},
): Promise<T> {
  const giveUpAt = performance.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await poll();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error; // Temporal or the control worker is unavailable
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`in ${limitMs} ms it has not come: ${what}`, { cause: last });
    }
    await sleep(pollMs);
  }
}
