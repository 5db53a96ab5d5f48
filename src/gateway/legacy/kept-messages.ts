import { type RpcMessage } from '../../base/jsonrpc';

/** Messages of no request that are kept for a client that comes back. */
export const MAX_KEPT_EVENTS = 100;

interface Kept {
  number: number;
  message: RpcMessage;
  wasSent: boolean;
}

/** The last messages of a stream, for a client that lost some of them when its connection broke. */
export class KeptMessages {
  readonly #kept: Kept[] = [];
  #number = 0;
  #dropped = 0;

  /** Of the last message. */
  get number(): number {
    return this.#number;
  }

  /** Goes on counting where another process has stopped. */
  startAt(number: number): void {
    this.#number = Math.max(this.#number, number);
  }

  /** Returns its number. */
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

  /** Takes those behind this number, to send them; undefined when some of them are not kept any more. */
  behind(number: number): Kept[] | undefined {
    if (number < this.#dropped) return undefined;
    return this.#take((kept) => kept.number > number);
  }

  /** Takes those that could not be sent when they came. */
  unsent(): Kept[] {
    return this.#take(({ wasSent }) => !wasSent);
  }

  #take(isWanted: (kept: Kept) => boolean): Kept[] {
    const taken = this.#kept.filter(isWanted);
    for (const kept of taken) kept.wasSent = true;
    return taken;
  }
}
