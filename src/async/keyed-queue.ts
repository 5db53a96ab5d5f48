/** Runs `work` for each name, a few at a time. A name that is added again while it waits is processed once. */
export class KeyedQueue {
  readonly #waiting = new Set<string>();
  readonly #idlers = new Set<() => void>();
  #busy = 0;
  #isClosed = false;

  /** @param work - may fail: the name then counts as done */
  constructor(
    private readonly atOnce: number,
    private readonly work: (name: string) => Promise<void>,
  ) {}

  add(names: Iterable<string>): void {
    for (const name of names) this.#waiting.add(name);
    while (this.#busy < this.atOnce && this.#waiting.size > 0) void this.#next();
  }

  /** Resolves when nothing is left to do, or after `maxMs`. */
  async idle(maxMs: number): Promise<void> {
    if (this.#busy === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, maxMs);
      this.#idlers.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
  }

  async #next(): Promise<void> {
    const [name] = this.#waiting;
    if (name === undefined || this.#isClosed) return this.close();
    this.#waiting.delete(name);
    this.#busy += 1;
    await this.work(name).catch(() => undefined); // as promised above: the name is simply done
    this.#busy -= 1;
    this.add([]);
    if (this.#busy > 0) return;
    for (const wake of this.#idlers) wake();
    this.#idlers.clear();
  }
}
