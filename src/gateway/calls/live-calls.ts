import {
  type InputRequest,
  type InputResponse,
  type ClientInputRequest,
} from '../../domain/calls/input-requests';
import { type Exchange } from '../exchange';
import { type JsonObject } from '../../base/json';

/** What a server says of a call before its gateway knows the call's id is kept for this long, of so many calls, so many each. */
const EARLY_NOTICE_MS = 1_000;
const MAX_EARLY_CALLS = 1_000;
const MAX_EARLY_NOTICES = 50;

interface OpenInputRequest {
  ask: InputRequest;
  settle: (answer: InputResponse) => void;
}

/** Something that a server has said in the middle of a call. */
interface EarlyNotification {
  method: string;
  params: JsonObject;
}

interface LiveCall {
  exchange?: Exchange;
  /** Something has been said during the call. */
  hasSpoken?: boolean;
  /** Things asked that have no answer yet. */
  readonly open: Set<OpenInputRequest>;
}

/** How a client is asked whose call no request of this process waits for: over its session, if it has one. */
export type RequestFromSession = (
  session: string,
  ask: InputRequest,
  signal: AbortSignal,
) => Promise<InputResponse | undefined>;

/**
 * Which request of a client waits for which call, so that what a server asks or reports in the middle of it finds the client.
 * What is asked before anybody waits, or while a client comes back, is put to the request that comes next.
 */
export class LiveCalls {
  readonly #calls = new Map<string, LiveCall>();
  readonly #open = new Map<string, OpenInputRequest>();
  /** Of calls that no request stands for yet: a quick server speaks before Temporal has told the id of its call. */
  readonly #early = new Map<string, EarlyNotification[]>();

  constructor(private readonly askSession: RequestFromSession) {}

  /** Passes on what a server says in the middle of a call, to the request that waits for it. */
  notify(callId: string, method: string, params: JsonObject): void {
    const live = this.#calls.get(callId);
    if (!live?.exchange) return this.#keep(callId, { method, params });
    live.hasSpoken = true;
    live.exchange.notify(method, params);
  }

  /** Whether more may have been said than has come by now. */
  hasSpoken(callId: string): boolean {
    return this.#calls.get(callId)?.hasSpoken ?? false;
  }

  /** From now on this request stands for the client; returns what ends that. */
  attach(callId: string, exchange: Exchange): () => void {
    const live = this.#live(callId);
    live.exchange = exchange;
    const early = this.#early.get(callId) ?? [];
    this.#early.delete(callId);
    for (const { method, params } of early) this.notify(callId, method, params);
    for (const open of live.open) this.#put(open, exchange);
    return () => {
      if (live.exchange === exchange) live.exchange = undefined;
      this.#forget(callId);
    };
  }

  /** Puts what a server asks to the client; rejects only when `signal` fires. */
  async ask(input: ClientInputRequest, signal: AbortSignal): Promise<InputResponse> {
    const { origin, principal: _principal, ...ask } = input;
    const live = this.#live(ask.callId);
    let opened: OpenInputRequest | undefined;
    try {
      return await new Promise<InputResponse>((settle, reject) => {
        const open = { ask, settle };
        live.open.add(open);
        this.#open.set(ask.askId, open);
        opened = open;
        signal.addEventListener('abort', () => reject(new Error('the request has ended')), {
          once: true,
        });
        if (live.exchange) this.#put(open, live.exchange);
        else if (origin.session !== undefined) {
          void this.askSession(origin.session, ask, signal).then(
            (answer) => answer && settle(answer),
            () => undefined, // the client may come back with another request
          );
        }
      });
    } finally {
      if (opened) live.open.delete(opened);
      this.#open.delete(ask.askId);
      this.#forget(ask.callId);
    }
  }

  /** Whether it was waited for here. */
  answer(askId: string, answer: InputResponse): boolean {
    const open = this.#open.get(askId);
    open?.settle(answer);
    return open !== undefined;
  }

  /** For a moment: it may also be of a call whose client has gone. */
  #keep(callId: string, said: EarlyNotification): void {
    const known = this.#early.get(callId);
    if (known) {
      if (known.length < MAX_EARLY_NOTICES) known.push(said);
    } else if (this.#early.size < MAX_EARLY_CALLS) {
      this.#early.set(callId, [said]);
      setTimeout(() => this.#early.delete(callId), EARLY_NOTICE_MS).unref();
    }
  }

  #live(callId: string): LiveCall {
    const known = this.#calls.get(callId);
    if (known) return known;
    const live: LiveCall = { open: new Set() };
    this.#calls.set(callId, live);
    return live;
  }

  #put({ ask, settle }: OpenInputRequest, exchange: Exchange): void {
    exchange.ask(ask).then(settle, () => undefined); // a request that is over asks nobody; the next one does
  }

  #forget(callId: string): void {
    const live = this.#calls.get(callId);
    if (live && !live.exchange && live.open.size === 0) this.#calls.delete(callId);
  }
}
