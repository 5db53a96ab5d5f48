/** What one server may use of its host's event loop at a time, before others get their turn. */
const TURN_MS = 50;
/** Of every so many milliseconds of the loop a server gets one, if it wants more than a turn. */
const SHARE = 4;
/** A large message takes long once, and should not keep the next one waiting much longer. */
const MAX_PAUSE_MS = 200;

/** Sees to it that a server that sends without end costs the others of its host little more than its share. */
export class FairShare {
  #since = 0;
  #usedMs = 0;

  /** @param nowMs - a clock that does not jump */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Handles what was read; returns for how long nothing more is to be read, which mostly is 0. */
  take(handle: () => void): number {
    const begunAt = this.nowMs();
    if (begunAt - this.#since >= SHARE * TURN_MS) {
      this.#since = begunAt;
      this.#usedMs = 0;
    }
    handle();
    this.#usedMs += this.nowMs() - begunAt;
    if (this.#usedMs < TURN_MS) return 0;
    const pauseMs = Math.min((SHARE - 1) * this.#usedMs, MAX_PAUSE_MS);
    this.#usedMs = 0;
    return pauseMs;
  }
}

/** Pauses what is read from. */
export function pauseFor(source: { pause(): void; resume(): void }, pauseMs: number): void {
  if (pauseMs === 0) return;
  source.pause();
  setTimeout(() => source.resume(), pauseMs);
}
