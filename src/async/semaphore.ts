import { Condition } from './condition';

/** Limits the calls that one server processes at once, whichever path they take. */
export class Semaphore {
  #taken = 0;
  #waiting = 0;
  readonly #releases = new Condition();

  constructor(private readonly places: number) {}

  /** Whether a call could be admitted now; waiting calls go first. */
  get isAvailable(): boolean {
    return this.#taken < this.places && this.#waiting === 0;
  }

  /** Takes a place if one is free. */
  tryAcquire(): boolean {
    if (!this.isAvailable) return false;
    this.#taken++;
    return true;
  }

  /** Waits for a place; returns false when `signal` fires first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    this.#waiting++;
    try {
      while (this.#taken >= this.places && !signal.aborted) await this.#releases.wait(signal);
    } finally {
      this.#waiting--;
    }
    if (this.#taken >= this.places) return false;
    this.#taken++;
    return true;
  }

  release(): void {
    this.#taken--;
    this.#releases.notifyAll();
  }
}
