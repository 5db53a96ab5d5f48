import { addBounded } from '../../src/base/bounded-set';
import { type CallAnswer } from '../../src/domain/calls/calls';

/** Gets the answer of a call once Temporal has it; undefined where Temporal has to be asked. */
export type OnEnd = (answer: CallAnswer | undefined) => void;

interface Waiter {
  server: string;
  onEnd: OnEnd;
}

/** Ended calls that are remembered, for clients on a busy machine who ask for the end only after it. */
const MAX_ENDED_CALLS = 10_000;

/** Calls whose ends clients of this host's socket wait for. */
export class AwaitedCalls {
  readonly #byCall = new Map<string, Set<Waiter>>();
  readonly #ended = new Set<string>();

  /** Calls back at most once; returns a function that withdraws this, and undefined when the call has ended already. */
  wait(server: string, callId: string, onEnd: OnEnd): (() => void) | undefined {
    if (this.#ended.has(callId)) return undefined;
    const waiter = { server, onEnd };
    const waiters = this.#byCall.get(callId) ?? new Set();
    this.#byCall.set(callId, waiters.add(waiter));
    return () => {
      waiters.delete(waiter);
      if (waiters.size === 0 && this.#byCall.get(callId) === waiters) this.#byCall.delete(callId);
    };
  }

  has(callId: string): boolean {
    return this.#byCall.has(callId);
  }

  settle(callId: string, answer?: CallAnswer): void {
    const waiters = this.#byCall.get(callId);
    this.#byCall.delete(callId);
    addBounded(this.#ended, callId, MAX_ENDED_CALLS);
    for (const { onEnd } of waiters ?? []) {
      try {
        onEnd(answer);
      } catch {
        // That client will ask Temporal; the call itself must not end in another way for it.
      }
    }
  }

  /** Settles the calls of a server that this host does not own any longer: another one may take them. */
  release(server: string): void {
    for (const [callId, waiters] of this.#byCall) {
      for (const waiter of waiters) {
        if (waiter.server === server) this.settle(callId);
        break; // all of a call are for the same server
      }
    }
  }
}
