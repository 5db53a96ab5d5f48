import { MAX_CLIENT_WAIT_MS } from '../../domain/calls/input-requests';

/** Time that a server has for a call. It is paused while the server waits for the client. */
export class CallClock {
  #leftMs: number;
  #clientLeftMs = MAX_CLIENT_WAIT_MS;
  #pauses = 0;
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #onEnd: () => void = () => undefined;

  constructor(timeoutMs: number) {
    this.#leftMs = timeoutMs;
  }

  /** Longest time that the call can still take, in milliseconds. */
  get horizonMs(): number {
    return this.#leftMs + this.#clientLeftMs;
  }

  /**
   * Starts or continues the clock; `onEnd` is called when the time is over. It replaces an earlier
   * callback.
   */
  start(onEnd: () => void): void {
    this.#onEnd = onEnd;
    this.#set();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#settle();
  }

  async paused<Value>(work: () => Promise<Value>): Promise<Value> {
    const wasRunning = this.#timer !== undefined;
    this.stop();
    this.#pauses++;
    if (wasRunning) this.#set();
    try {
      return await work();
    } finally {
      const isRunning = this.#timer !== undefined;
      this.stop();
      this.#pauses--;
      if (isRunning) this.#set();
    }
  }

  #set(): void {
    this.stop();
    this.#sinceMs = performance.now();
    const leftMs = this.#pauses > 0 ? this.#clientLeftMs : this.#leftMs;
    this.#timer = setTimeout(() => this.#onEnd(), leftMs);
  }

  /** Subtracts the time since the last start from the remaining time. */
  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const passedMs = performance.now() - this.#sinceMs;
    if (this.#pauses > 0) this.#clientLeftMs = Math.max(0, this.#clientLeftMs - passedMs);
    else this.#leftMs = Math.max(0, this.#leftMs - passedMs);
  }
}
