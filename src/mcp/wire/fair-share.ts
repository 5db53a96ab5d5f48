/** Time of the host's event loop that one server may use before others get their turn. */
const TURN_MS = 50;
/** Share of the event loop (one in SHARE) that a server gets if it needs more than a turn. */
const SHARE = 4;
/** A large message takes long once, and must not delay the next one much longer. */
const MAX_PAUSE_MS = 200;

/**
 * Limits the cost of a server that sends without end to about its share of the event loop, for the
 * other servers of its host.
 */
export class FairShare {
  #since = 0;
  #usedMs = 0;

  /** @param nowMs - a clock that does not jump */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Handles the input; returns for how many milliseconds no more may be read, usually 0. */
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

/** Pauses a source of input. */
export function pauseFor(source: { pause(): void; resume(): void }, pauseMs: number): void {
  if (pauseMs === 0) return;
  source.pause();
  setTimeout(() => source.resume(), pauseMs);
}
