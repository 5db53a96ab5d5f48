import { setTimeout as sleep } from 'node:timers/promises';

/** A look keeps several processes busy, so what takes long is looked at less often. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 150;
const PAUSE_GROWTH = 1.25;
/** So long that also a busy machine, which starts an instance in a minute, is waited for. */
const LIMIT_MS = 120_000;

/** Looks again and again until `look` gives something; when it never does, the error says what was waited for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = LIMIT_MS,
): Promise<T> {
  const giveUpAt = performance.now() + limitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= PAUSE_GROWTH) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > giveUpAt) throw new Error(`in ${limitMs} ms it has not come: ${what}`);
    await sleep(Math.min(pauseMs, LONGEST_PAUSE_MS));
  }
}
