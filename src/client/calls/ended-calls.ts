import { addBounded } from '../../base/bounded-set';

/** Most calls whose end is remembered, for those who wait for it afterwards. */
const MAX_REMEMBERED = 10_000;

/** Calls whose notifications have all arrived, for those who must not answer before that. */
export class EndedCalls {
  readonly #ended = new Set<string>();
  readonly #waiting = new Map<string, Set<() => void>>();

  add(callId: string): void {
    addBounded(this.#ended, callId, MAX_REMEMBERED);
    for (const settle of [...(this.#waiting.get(callId) ?? [])]) settle();
  }

  /** Resolves when the call has ended, or after `maxMs`. */
  wait(callId: string, maxMs: number): Promise<void> {
    if (this.#ended.has(callId)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(callId) ?? new Set();
      const settle = () => {
        clearTimeout(timer);
        waiting.delete(settle);
        if (waiting.size === 0) this.#waiting.delete(callId);
        resolve();
      };
      const timer = setTimeout(settle, maxMs);
      this.#waiting.set(callId, waiting.add(settle));
    });
  }

  /** Releases everybody who waits. */
  close(): void {
    for (const waiting of [...this.#waiting.values()]) for (const settle of [...waiting]) settle();
  }
}
