/** Counts the calls in flight of one child, so that its end can wait for them. */
export class InFlight {
  count = 0;
  /** Time at which the last one has ended, in ms; 0 if there was none. */
  lastEndAtMs = 0;
  #whenIdle: (() => void) | undefined;

  async track<T>(call: () => Promise<T>): Promise<T> {
    this.count++;
    try {
      return await call();
    } finally {
      this.count--;
      this.lastEndAtMs = Date.now();
      if (this.count === 0) this.#whenIdle?.();
    }
  }

  /** Resolves when no call is in flight, or after the grace. */
  async quiet(graceMs: number): Promise<void> {
    if (this.count === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
