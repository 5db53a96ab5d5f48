const WINDOW_MS = 1_000;

/** Admits a number of events per second, and reports afterwards how many were dropped. */
export class RateLimit {
  #count = 0;
  #dropped = 0;
  #endsAtMs = 0;

  constructor(
    private readonly perSecond: number,
    private readonly onDropped: (count: number) => void,
  ) {}

  admit(): boolean {
    const nowMs = performance.now();
    if (nowMs >= this.#endsAtMs) {
      this.#count = 0;
      this.#endsAtMs = nowMs + WINDOW_MS;
    }
    this.#count++;
    if (this.#count <= this.perSecond) return true;
    if (this.#dropped === 0) setTimeout(() => this.#reportDropped(), WINDOW_MS).unref();
    this.#dropped++;
    return false;
  }

  #reportDropped(): void {
    const count = this.#dropped;
    this.#dropped = 0;
    this.onDropped(count);
  }
}
