/** Those who wait until something is released. */
export class Releases {
  readonly #waiting = new Set<() => void>();

  tell(): void {
    for (const settle of [...this.#waiting]) settle();
  }

  /** Resolves at the next release, or when `signal` fires. */
  async next(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const settle = () => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }
}
