import {
  type InputRequest,
  type InputResponse,
  type ClientInputRequest,
} from '../../domain/calls/input-requests';
import { type Exchange } from '../exchange';
import { type JsonObject } from '../../base/json';

/**
 * Time, number of calls, and number of notifications per call for which notifications are kept
 * before the gateway knows the ID of their call.
 */
const EARLY_NOTICE_MS = 1_000;
const MAX_EARLY_CALLS = 1_000;
const MAX_EARLY_NOTICES = 50;

interface OpenInputRequest {
  ask: InputRequest;
  settle: (answer: InputResponse) => void;
}

/** Notification of a server during a call. */
interface EarlyNotification {
  method: string;
  params: JsonObject;
}

interface LiveCall {
  exchange?: Exchange;
  /** Whether a notification was sent during the call. */
  hasNotified?: boolean;
  /** Input requests without an answer. */
  readonly open: Set<OpenInputRequest>;
}

/**
 * Sends an input request over the client's session, for a call that no request of this process
 * waits for. Resolves with undefined if there is no session.
 */
export type RequestFromSession = (
  session: string,
  ask: InputRequest,
  signal: AbortSignal,
) => Promise<InputResponse | undefined>;

/**
 * Maps calls to the client requests that wait for them, so that a server's input requests and
 * notifications reach the client. An input request that comes earlier, or while the client
 * reconnects, is sent with the next request.
 */
export class WaitingRequests {
  readonly #calls = new Map<string, LiveCall>();
  readonly #openRequests = new Map<string, OpenInputRequest>();
  /**
   * Notifications of calls without a client request: a fast server may send them before Temporal
   * has returned the ID of its call.
   */
  readonly #early = new Map<string, EarlyNotification[]>();

  constructor(private readonly requestFromSession: RequestFromSession) {}

  /** Passes a server's notification to the request that waits for the call. */
  notify(callId: string, method: string, params: JsonObject): void {
    const live = this.#calls.get(callId);
    if (!live?.exchange) return this.#keep(callId, { method, params });
    live.hasNotified = true;
    live.exchange.notify(method, params);
  }

  /** Whether more notifications may have been sent than have arrived. */
  hasNotified(callId: string): boolean {
    return this.#calls.get(callId)?.hasNotified ?? false;
  }

  /** Makes this request the client of the call; returns a function that ends that. */
  attach(callId: string, exchange: Exchange): () => void {
    const live = this.#live(callId);
    live.exchange = exchange;
    const early = this.#early.get(callId) ?? [];
    this.#early.delete(callId);
    for (const { method, params } of early) this.notify(callId, method, params);
    for (const open of live.open) this.#send(open, exchange);
    return () => {
      if (live.exchange === exchange) live.exchange = undefined;
      this.#forget(callId);
    };
  }

  /** Sends an input request to the client; rejects only when `signal` fires. */
  async requestInput(input: ClientInputRequest, signal: AbortSignal): Promise<InputResponse> {
    const { origin, principal: _principal, ...ask } = input;
    const live = this.#live(ask.callId);
    let opened: OpenInputRequest | undefined;
    try {
      return await new Promise<InputResponse>((settle, reject) => {
        const open = { ask, settle };
        live.open.add(open);
        this.#openRequests.set(ask.askId, open);
        opened = open;
        signal.addEventListener('abort', () => reject(new Error('the request has ended')), {
          once: true,
        });
        if (live.exchange) this.#send(open, live.exchange);
        else if (origin.session !== undefined) {
          void this.requestFromSession(origin.session, ask, signal).then(
            (answer) => answer && settle(answer),
            () => undefined, // the client may return with another request
          );
        }
      });
    } finally {
      if (opened) live.open.delete(opened);
      this.#openRequests.delete(ask.askId);
      this.#forget(ask.callId);
    }
  }

  /** Answers an input request; returns false if it does not wait in this process. */
  answer(askId: string, answer: InputResponse): boolean {
    const open = this.#openRequests.get(askId);
    open?.settle(answer);
    return open !== undefined;
  }

  /**
   * Keeps the notification for a moment; it may also belong to a call whose client has
   * disconnected.
   */
  #keep(callId: string, notification: EarlyNotification): void {
    const kept = this.#early.get(callId);
    if (kept) {
      if (kept.length < MAX_EARLY_NOTICES) kept.push(notification);
    } else if (this.#early.size < MAX_EARLY_CALLS) {
      this.#early.set(callId, [notification]);
      setTimeout(() => this.#early.delete(callId), EARLY_NOTICE_MS).unref();
    }
  }

  #live(callId: string): LiveCall {
    const existing = this.#calls.get(callId);
    if (existing) return existing;
    const live: LiveCall = { open: new Set() };
    this.#calls.set(callId, live);
    return live;
  }

  #send({ ask, settle }: OpenInputRequest, exchange: Exchange): void {
    exchange.requestInput(ask).then(settle, () => undefined); // a request that has ended sends nothing; the next one does
  }

  #forget(callId: string): void {
    const live = this.#calls.get(callId);
    if (live && !live.exchange && live.open.size === 0) this.#calls.delete(callId);
  }
}
