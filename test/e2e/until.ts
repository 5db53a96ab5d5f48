import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 25;
/** So long that also a busy machine, which starts an instance in a minute, is waited for. */
const LIMIT_MS = 120_000;

/** Looks again and again until `look` gives something; when it never does, the error says what was waited for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = LIMIT_MS,
): Promise<T> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > giveUpAt) throw new Error(`in ${limitMs} ms it has not come: ${what}`);
    await sleep(POLL_MS);
  }
}
