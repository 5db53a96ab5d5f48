/** Lets callers wait until something is released. */
export class Condition {
  readonly #waiting = new Set<() => void>();

  notifyAll(): void {
    for (const settle of [...this.#waiting]) settle();
  }

  /** Resolves at the next `notifyAll`, or when `signal` fires. */
  async wait(signal: AbortSignal): Promise<void> {
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
