import { type RequestId } from '@modelcontextprotocol/client';
import { type CallProgress, type JsonObject } from '../domain/calls';
import { CANCEL_CONFIRM_MS } from '../domain/limits';
import { resultOf } from './answer';
import { CallError } from './call-error';
import { type Session } from './handshake';
import { callFailure } from './call-failure';
import { parseRetryAfter } from './retry-after';
import { type Answer, observing, type RequestObserver } from './request-observer';

export interface CallOptions {
  /** From submission to the answer; beyond it the call is cancelled on the server and `lost`. */
  timeoutMs: number;
  /** `_meta` of the request. */
  meta?: JsonObject;
  /** Cancels the call: before it is sent it is `not-sent`, afterwards `cancelled`. */
  signal?: AbortSignal;
  onProgress?: (progress: CallProgress) => void;
  /** Called once, synchronously, right before the first byte is handed on; what it throws keeps the call from being sent. */
  onSent?: () => void;
}

/** One call from its submission to exactly one end; whatever happens first decides. */
export class PendingCall implements RequestObserver {
  readonly #session: Session;
  readonly #options: CallOptions;
  /** Makes the SDK forget the request, and tell the server unless it knows already. */
  readonly #abandon = new AbortController();
  #settle: (end: JsonObject | CallError) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #id: RequestId | undefined;
  #httpStatus: number | undefined;
  #retryAfter: string | undefined;
  #isCancelling = false;

  constructor(session: Session, options: CallOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** Submits the request and resolves with the server's result, or throws a CallError. */
  async run(submit: (signal: AbortSignal) => Promise<unknown>): Promise<JsonObject> {
    const { signal, timeoutMs } = this.#options;
    const cancel = () => this.#cancel();
    const end = await new Promise<JsonObject | CallError>((resolve) => {
      this.#settle = resolve;
      if (signal?.aborted) return cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      this.#timer = setTimeout(() => this.#timeOut(), timeoutMs);
      // What it resolves with is not used: the SDK's result has lost members that the server sent.
      observing.run(this, () => submit(this.#abandon.signal)).catch((error) => this.#fail(error));
    });
    clearTimeout(this.#timer);
    signal?.removeEventListener('abort', cancel);
    this.#abandon.abort('nobody waits for the answer any more');
    if (this.#id !== undefined) this.#session.wire.forget(this.#id);
    if (end instanceof CallError) throw end;
    return end;
  }

  onSend(id: RequestId): void {
    if (this.#abandon.signal.aborted) throw new CallError('not-sent', 'the call is over');
    this.#options.onSent?.();
    this.#id = id;
  }

  onAnswer(answer: Answer): void {
    if (this.#isCancelling) this.#settle(cancelled(true));
    else this.#settle(resultOf(answer));
  }

  onProgress(progress: CallProgress): void {
    this.#options.onProgress?.(progress);
  }

  onHttpStatus(status: number, retryAfter: string | undefined): void {
    this.#httpStatus = status;
    this.#retryAfter = retryAfter;
  }

  onStreamEnd(): void {
    this.#fail(new Error('the stream ended without an answer'));
  }

  #fail(cause: unknown): void {
    if (this.#isCancelling) return this.#settle(cancelled(false));
    const { wire, link } = this.#session;
    // "Connection closed" is all that the SDK says; the link knows why.
    const failure = callFailure(link.why ?? cause, {
      isSent: this.#id !== undefined,
      status: this.#httpStatus,
      retryAfterMs: parseRetryAfter(this.#retryAfter, Date.now()),
      hasSession: wire.sessionId !== undefined,
    });
    this.#settle(failure.error);
    if (failure.linkLost) link.fail(failure.linkLost);
  }

  #timeOut(): void {
    const message = `no answer within ${this.#options.timeoutMs} ms`;
    const kind = this.#id === undefined ? 'not-sent' : 'lost';
    this.#settle(new CallError(kind, message, { errorClass: 'timeout' }));
  }

  #cancel(): void {
    if (this.#id === undefined) {
      const message = 'cancelled before it was sent';
      return this.#settle(new CallError('not-sent', message, { retryable: false }));
    }
    const { client, wire } = this.#session;
    this.#isCancelling = true;
    // Modern HTTP: closing the response stream is the cancellation, and no answer can follow.
    if (wire.hasPerRequestStream && client.getProtocolEra() === 'modern') {
      return this.#settle(cancelled(false));
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(cancelled(false)), CANCEL_CONFIRM_MS);
    const params = { requestId: this.#id, reason: 'cancelled by the caller' };
    // A notification that cannot be sent leaves the cancellation unconfirmed.
    client.notification({ method: 'notifications/cancelled', params }).catch(() => undefined);
  }
}

function cancelled(confirmed: boolean): CallError {
  const message = confirmed
    ? 'cancelled; the server confirmed it'
    : 'cancelled; the server did not confirm it';
  return new CallError('cancelled', message, { confirmed });
}
