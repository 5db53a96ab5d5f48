import { Condition } from './condition';

/** The places of the calls that are with one server at once, whichever way they came. */
export class Semaphore {
  #taken = 0;
  #waiting = 0;
  readonly #releases = new Condition();

  constructor(private readonly places: number) {}

  /** Whether a call could enter now; those that wait go first. */
  get isAvailable(): boolean {
    return this.#taken < this.places && this.#waiting === 0;
  }

  /** Takes a place if there is one. */
  tryAcquire(): boolean {
    if (!this.isAvailable) return false;
    this.#taken++;
    return true;
  }

  /** Waits for a place; false when `signal` has fired before. */
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
