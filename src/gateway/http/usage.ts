import { type Identity } from './contract';
import { overLimit } from './refusal';

const WORDS = { calls: 'requests in flight', streams: 'open streams' } as const;

export type Countable = keyof typeof WORDS;

/** What each principal has in flight and open. */
export class Usage {
  readonly #counts = { calls: new Map<string, number>(), streams: new Map<string, number>() };

  /**
   * Counts one more until the returned function is called, which may be called twice.
   *
   * @throws Refusal 429 when there are as many as may be
   */
  take(what: Countable, { principal, limits }: Identity): () => void {
    const counts = this.#counts[what];
    const count = counts.get(principal) ?? 0;
    if (count >= limits[what]) throw overLimit(principal, WORDS[what], limits[what]);
    counts.set(principal, count + 1);
    let isCounted = true;
    return () => {
      if (!isCounted) return;
      isCounted = false;
      const left = (counts.get(principal) ?? 1) - 1;
      if (left > 0) counts.set(principal, left);
      else counts.delete(principal);
    };
  }

  /** In all. */
  total(what: Countable): number {
    return [...this.#counts[what].values()].reduce((sum, count) => sum + count, 0);
  }
}
