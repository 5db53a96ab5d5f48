import { type RequestId } from '@modelcontextprotocol/client';
import { addBounded } from '../../base/bounded-set';

/** A server need not answer abandoned requests; the oldest ones above this number are dropped. */
const MAX_OPEN = 10_000;

/** Our requests that a server has not answered, including abandoned ones. */
export class OpenRequests {
  readonly #open = new Set<RequestId>();
  #newest: RequestId | undefined;

  add(id: RequestId): void {
    this.#newest = id;
    addBounded(this.#open, id, MAX_OPEN);
  }

  has(id: RequestId): boolean {
    return this.#open.has(id);
  }

  /** Marks a request as answered; returns false if no open request has this ID. */
  close(id: RequestId): boolean {
    return this.#open.delete(id);
  }

  /** The only open request: an answer with a wrong ID must be for it. */
  get only(): RequestId | undefined {
    return this.#open.size === 1 ? [...this.#open][0] : undefined;
  }

  /** Describes an answer that matches no open request. Completes "a message of the server …". */
  oddity(id: RequestId): string {
    const isOld = typeof id === 'number' && Number.isInteger(id) && id >= 0;
    const wasSent = isOld && typeof this.#newest === 'number' && id <= this.#newest;
    const why = wasSent ? 'which was already answered' : 'which matches no request';
    return `has the id ${JSON.stringify(id)}, ${why}`;
  }
}
