import { ApplicationFailure } from '@temporalio/activity';
import { isCallFailure } from './call-failure';

/** Temporal gives a call back a little after its pause; without a pause of its own it waits for a second at most. */
const SPARE_MS = 5_000;

/** The calls of one session that are being tried again: those that wait for their next attempt, and those that are in one. */
export class CallRetries {
  #running = 0;
  /** By the time after which nobody counts on the next attempt: it was cancelled, or another host has it. */
  readonly #waiting = new Map<string, number>();

  get count(): number {
    for (const [callId, untilMs] of this.#waiting) {
      if (untilMs < Date.now()) this.#waiting.delete(callId);
    }
    return this.#running + this.#waiting.size;
  }

  async follow<T>(callId: string, attempt: number, run: () => Promise<T>): Promise<T> {
    const running = attempt > 1 ? 1 : 0;
    this.#waiting.delete(callId);
    this.#running += running;
    try {
      return await run();
    } catch (error) {
      const pauseMs = pauseBeforeNext(error);
      if (pauseMs !== undefined) this.#waiting.set(callId, Date.now() + pauseMs + SPARE_MS);
      throw error;
    } finally {
      this.#running -= running;
    }
  }
}

/** How long Temporal waits before it tries again; undefined when it does not. */
function pauseBeforeNext(error: unknown): number | undefined {
  if (!isCallFailure(error) || !(error instanceof ApplicationFailure)) return undefined;
  if (error.nonRetryable) return undefined;
  return typeof error.nextRetryDelay === 'number' ? error.nextRetryDelay : 0;
}
