import { type RequestId } from '@modelcontextprotocol/client';

/** A server need not answer what was given up; older ones than these are forgotten. */
const MAX_OPEN = 10_000;

/** The requests of ours that a server has not answered, also those that nobody waits for any more. */
export class OpenRequests {
  readonly #open = new Set<RequestId>();
  #newest: RequestId | undefined;

  add(id: RequestId): void {
    this.#newest = id;
    this.#open.add(id);
    if (this.#open.size <= MAX_OPEN) return;
    const [oldest] = this.#open;
    if (oldest !== undefined) this.#open.delete(oldest);
  }

  has(id: RequestId): boolean {
    return this.#open.has(id);
  }

  /** Whether one of them has this id; it is answered then. */
  close(id: RequestId): boolean {
    return this.#open.delete(id);
  }

  /** The one that an answer must mean, when there is no other. */
  get only(): RequestId | undefined {
    return this.#open.size === 1 ? [...this.#open][0] : undefined;
  }

  /** What is odd about an answer that none of them waits for. Completes "a message of the server …". */
  oddity(id: RequestId): string {
    const isOld = typeof id === 'number' && Number.isInteger(id) && id >= 0;
    const wasSent = isOld && typeof this.#newest === 'number' && id <= this.#newest;
    const why = wasSent ? 'which was already answered' : 'which matches no request';
    return `has the id ${JSON.stringify(id)}, ${why}`;
  }
}
