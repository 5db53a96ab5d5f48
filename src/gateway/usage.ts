import { type GatewayLimits } from '../domain/endpoint/gateway-policy';
import { overLimit } from './over-limit';

/** What is counted of each principal, and which limit bounds it. */
const COUNTED = {
  /** Of any method, from when it came until it is dealt with, whether or not its client still listens. */
  requests: { words: 'requests in progress', limit: 'calls' },
  /** What was started with a server, until it has ended there: as a task or between two rounds, too. */
  calls: { words: 'calls in flight', limit: 'calls' },
  /** GET streams, `subscriptions/listen`, WebSockets and HTTP+SSE streams. */
  streams: { words: 'open streams', limit: 'streams' },
} as const satisfies Record<string, { words: string; limit: keyof GatewayLimits }>;

export type Countable = keyof typeof COUNTED;

/** What each principal has under way and open in this process, over all its connections, sessions and both eras. */
export class Usage {
  readonly #counts = new Map<string, Map<Countable, number>>();

  /** @param limitsOf - what a principal may have now */
  constructor(private readonly limitsOf: (principal: string) => GatewayLimits) {}

  /**
   * Counts more until the returned function is called, which may be called twice.
   *
   * @throws MainspringError GATEWAY_BUSY when there would be more than may be
   */
  take(what: Countable, principal: string, count = 1): () => void {
    this.checkRoom(what, principal, count);
    this.#add(what, principal, count);
    let isCounted = true;
    return () => {
      if (isCounted) this.#add(what, principal, -count);
      isCounted = false;
    };
  }

  /** Counts one more while `work` goes on. @throws as `take` does */
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

  /** @throws MainspringError GATEWAY_BUSY when so many more would be too many */
  checkRoom(what: Countable, principal: string, count = 1): void {
    const { words, limit } = COUNTED[what];
    const allowed = this.limitsOf(principal)[limit];
    const taken = this.#counts.get(principal)?.get(what) ?? 0;
    if (taken + count > allowed) throw overLimit({ principal, words, taken, limit, allowed });
  }

  /** In all. */
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
