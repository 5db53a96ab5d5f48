import { type RpcMessage } from '../../base/jsonrpc';

/** Number of messages outside of requests that are kept for a client that reconnects. */
export const MAX_KEPT_EVENTS = 100;

interface KeptEvent {
  number: number;
  message: RpcMessage;
  wasSent: boolean;
}

/** Last messages of a stream, for a client that lost some of them when its connection broke. */
export class KeptMessages {
  readonly #kept: KeptEvent[] = [];
  #number = 0;
  #dropped = 0;

  /** Number of the last message. */
  get number(): number {
    return this.#number;
  }

  /** Continues the numbering of another process. */
  startAt(number: number): void {
    this.#number = Math.max(this.#number, number);
  }

  /** Adds a message and returns its number. */
  add(message: RpcMessage, wasSent: boolean): number {
    this.#number += 1;
    this.#kept.push({ number: this.#number, message, wasSent });
    if (this.#kept.length > MAX_KEPT_EVENTS) this.#dropped = this.#kept.shift()?.number ?? 0;
    return this.#number;
  }

  /** Counts a message that is not kept. */
  skip(): number {
    this.#number += 1;
    return this.#number;
  }

  /**
   * Returns the messages after this number and marks them as sent; undefined if some are no longer
   * kept.
   */
  behind(number: number): KeptEvent[] | undefined {
    if (number < this.#dropped) return undefined;
    return this.#take((kept) => kept.number > number);
  }

  /** Returns the messages that could not be sent before, and marks them as sent. */
  unsent(): KeptEvent[] {
    return this.#take(({ wasSent }) => !wasSent);
  }

  #take(isWanted: (kept: KeptEvent) => boolean): KeptEvent[] {
    const taken = this.#kept.filter(isWanted);
    for (const kept of taken) kept.wasSent = true;
    return taken;
  }
}
