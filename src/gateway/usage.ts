import { type GatewayLimits } from '../domain/endpoint/gateway-policy';
import { overLimit } from './over-limit';

/** Counters of each principal, and the limits for them. */
const COUNTED = {
  /** Requests of any method until they are handled, whether or not their client still listens. */
  requests: { words: 'requests in progress', limit: 'calls' },
  /**
   * Calls that were started at a server, until they have ended there, including as a task or
   * between two rounds.
   */
  calls: { words: 'calls in flight', limit: 'calls' },
  /** GET streams, `subscriptions/listen`, WebSockets and HTTP+SSE streams. */
  streams: { words: 'open streams', limit: 'streams' },
} as const satisfies Record<string, { words: string; limit: keyof GatewayLimits }>;

export type Countable = keyof typeof COUNTED;

/** Usage of each principal in this process, over all its connections, sessions and both eras. */
export class Usage {
  readonly #counts = new Map<string, Map<Countable, number>>();

  /** @param limitsOf - returns the current limits of a principal */
  constructor(private readonly limitsOf: (principal: string) => GatewayLimits) {}

  /**
   * Adds to a counter until the returned function is called, which may be called twice.
   *
   * @throws MainspringError GATEWAY_BUSY when the limit would be exceeded
   */
  take(what: Countable, principal: string, count = 1): () => void {
    this.checkCapacity(what, principal, count);
    this.#add(what, principal, count);
    let isCounted = true;
    return () => {
      if (isCounted) this.#add(what, principal, -count);
      isCounted = false;
    };
  }

  /** Counts one more while `work` runs. @throws as `take` does */
  async during<Result>(
    what: Countable,
    principal: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const release = this.take(what, principal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** @throws MainspringError GATEWAY_BUSY when `count` more would exceed the limit */
  checkCapacity(what: Countable, principal: string, count = 1): void {
    const { words, limit } = COUNTED[what];
    const allowed = this.limitsOf(principal)[limit];
    const taken = this.#counts.get(principal)?.get(what) ?? 0;
    if (taken + count > allowed) throw overLimit({ principal, words, taken, limit, allowed });
  }

  /** Returns the total over all principals. */
  total(what: Countable): number {
    return [...this.#counts.values()].reduce((sum, counts) => sum + (counts.get(what) ?? 0), 0);
  }

  #add(what: Countable, principal: string, count: number): void {
    const counts = this.#counts.get(principal) ?? new Map<Countable, number>();
    const left = (counts.get(what) ?? 0) + count;
    if (left > 0) counts.set(what, left);
    else counts.delete(what);
    if (counts.size > 0) this.#counts.set(principal, counts);
    else this.#counts.delete(principal);
  }
}
