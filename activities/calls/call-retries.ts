import { ApplicationFailure } from '@temporalio/activity';
import { isCallFailure } from './call-failure';

/**
 * Time that Temporal may take beyond the pause of a call to hand it out again, in ms; without its own pause a call
 * waits at most a second.
 */
const SPARE_MS = 5_000;

/** Calls of one session that are being retried: waiting for their next attempt, or in one. */
export class CallRetries {
  #running = 0;
  /** Time in ms by call id, after which no next attempt is expected: the call was cancelled, or another host has it. */
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

/** Returns the pause before the next attempt of Temporal, in ms; undefined when there is none. */
function pauseBeforeNext(error: unknown): number | undefined {
  if (!isCallFailure(error) || !(error instanceof ApplicationFailure)) return undefined;
  if (error.nonRetryable) return undefined;
  return typeof error.nextRetryDelay === 'number' ? error.nextRetryDelay : 0;
}
