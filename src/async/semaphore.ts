import { Releases } from './condition';

/** The places of the calls that are with one server at once, whichever way they came. */
export class CallRoom {
  #taken = 0;
  #waiting = 0;
  readonly #releases = new Releases();

  constructor(private readonly places: number) {}

  /** Whether a call could enter now; those that wait go first. */
  get hasPlace(): boolean {
    return this.#taken < this.places && this.#waiting === 0;
  }

  /** Takes a place if there is one. */
  tryEnter(): boolean {
    if (!this.hasPlace) return false;
    this.#taken++;
    return true;
  }

  /** Waits for a place; false when `signal` has fired before. */
  async enter(signal: AbortSignal): Promise<boolean> {
    this.#waiting++;
    try {
      while (this.#taken >= this.places && !signal.aborted) await this.#releases.next(signal);
    } finally {
      this.#waiting--;
    }
    if (this.#taken >= this.places) return false;
    this.#taken++;
    return true;
  }

  leave(): void {
    this.#taken--;
    this.#releases.tell();
  }
}
