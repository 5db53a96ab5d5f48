import { type RequestId, SdkHttpError } from '@modelcontextprotocol/client';
import { type CallProgress } from '../../domain/calls/calls';
import { CANCEL_GRACE_MS } from '../../domain/limits';
import { resultOf } from './answer';
import { CallError, cancelled } from './call-error';
import { callFailure, type Failure, isRefusal, sessionLost } from './request-failure';
import { type RefusedFrame } from '../wire/accept-frames';
import { isResponding } from '../session/is-responding';
import { type OpenCall } from './open-call';
import { parseRetryAfter } from './retry-after';
import { type Answer, observing, type RequestObserver, unobserved } from '../wire/request-observer';
import { type JsonObject } from '../../base/json';
import { type McpSession } from '../session/mcp-session';
import { PING_TIMEOUT_MS } from '../../domain/health/health';

/** One message of a call from its submission to exactly one end: the first event decides. */
export class PendingCall implements RequestObserver {
  /** Makes the SDK drop the request, and notify the server unless that has been done. */
  readonly #abandon = new AbortController();
  #settle: (end: JsonObject | CallError) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #id: RequestId | undefined;
  #httpStatus: number | undefined;
  #mayHaveRun = false;
  #retryAfter: string | undefined;
  #isCancelling = false;
  /** Refused message that may have been the answer. */
  #doubt: RefusedFrame | undefined;

  constructor(
    private readonly session: McpSession,
    readonly call: OpenCall,
  ) {}

  /** Submits the request and resolves with the server's result, or throws a CallError. */
  async run(submit: (signal: AbortSignal) => Promise<unknown>): Promise<JsonObject> {
    const { signal } = this.call.options;
    const cancel = () => this.#cancel();
    const end = await new Promise<JsonObject | CallError>((resolve) => {
      this.#settle = resolve;
      if (signal?.aborted) return cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      this.call.clock.start(() => this.#timeOut());
      // The resolved value is not used: the SDK's result lacks members that the server sent.
      observing.run(this, () => submit(this.#abandon.signal)).catch((error) => this.#fail(error));
    });
    this.call.clock.stop();
    clearTimeout(this.#timer);
    signal?.removeEventListener('abort', cancel);
    this.#abandon.abort('no one is waiting for the answer anymore');
    if (!(end instanceof CallError)) return end;
    this.#followLate(end);
    throw end;
  }

  onSend(id: RequestId): void {
    if (this.#abandon.signal.aborted) throw new CallError('not-sent', 'the call has ended');
    this.call.sending(id);
    this.#id = id;
  }

  onAnswer(answer: Answer): void {
    if (this.#isCancelling) this.#settle(cancelled('answered'));
    else this.#settle(resultOf(answer));
  }

  onRefused(frame: RefusedFrame): void {
    if (this.#isCancelling) this.#settle(cancelled('answered'));
    else this.#settle(unreadable(`the answer ${frame.why}`, frame));
  }

  onDoubt(frame: RefusedFrame): void {
    this.#doubt = frame;
  }

  onProgress(progress: CallProgress): void {
    this.call.options.onProgress?.(progress);
  }

  onHttpStatus(status: number, retryAfter: string | undefined): void {
    if (this.#httpStatus !== undefined && !isRefusal(this.#httpStatus)) this.#mayHaveRun = true;
    this.#httpStatus = status;
    this.#retryAfter = retryAfter;
  }

  onStreamEnd(): void {
    const message = 'the stream ended without an answer';
    if (!this.#settleInDoubt(message)) this.#fail(new Error(message));
  }

  #fail(cause: unknown): void {
    if (this.#isCancelling) return void this.#endCancelled(isResponding(this.session));
    const { wire, link } = this.session;
    // "Connection closed" is all that the SDK reports; the link has the reason.
    const failure = callFailure(link.why ?? cause, {
      isSent: this.#id !== undefined,
      status: this.#httpStatus,
      mayHaveRun: this.#mayHaveRun,
      retryAfterMs: parseRetryAfter(this.#retryAfter, Date.now()),
      hasSession: wire.sessionId !== undefined,
    });
    if (failure.isSessionInDoubt && !link.why) void this.#settleBySession(failure, cause);
    else this.#end(failure);
  }

  #end({ error, linkLost }: Failure): void {
    this.#settle(error);
    if (linkLost) this.session.link.fail(linkLost);
  }

  /**
   * If the server refuses another request too, it has dropped the session: then the refused call
   * did not run.
   */
  async #settleBySession({ error }: Failure, cause: unknown): Promise<void> {
    const { liveness, calls, link } = this.session;
    const mayHaveRun = error.kind === 'lost';
    if (mayHaveRun) this.#settle(error);
    // Not as a part of this call, whose answer may be the one that is being read.
    const isKnown = await unobserved(() => liveness.check(PING_TIMEOUT_MS)).then(
      () => true,
      (refusal: unknown) => !(refusal instanceof SdkHttpError),
    );
    if (isKnown) return this.#settle(error);
    const lost = sessionLost(cause);
    if (!mayHaveRun) return this.#end(lost);
    // Other calls may still be answered, for example if a proxy could not reach the server for a
    // moment.
    if (calls.size === 0) link.fail(lost.linkLost);
  }

  #timeOut(): void {
    const message = `no answer within ${this.call.options.timeoutMs} ms`;
    if (this.#settleInDoubt(message)) return;
    const kind = this.#id === undefined ? 'not-sent' : 'lost';
    this.#settle(new CallError(kind, message, { errorClass: 'timeout' }));
  }

  /** Ends the call as unanswered if a refused message may have been the answer. */
  #settleInDoubt(message: string): boolean {
    if (!this.#doubt || this.#isCancelling) return false;
    const more = `a message received meanwhile, possibly the answer, ${this.#doubt.why}`;
    this.#settle(unreadable(`${message}; ${more}`, this.#doubt));
    return true;
  }

  #cancel(): void {
    if (this.#id === undefined) {
      const message = 'cancelled before it was sent';
      return this.#settle(new CallError('not-sent', message, { retryable: false }));
    }
    this.#isCancelling = true;
    this.call.clock.stop();
    const { client, wire } = this.session;
    if (wire.hasPerRequestStream && client.getProtocolEra() === 'modern') {
      // Closing the response stream is the cancellation, and no answer can follow.
      this.#abandon.abort('cancelled by the caller');
      return void this.#endCancelled(isResponding(this.session));
    }
    const params = { requestId: this.#id, reason: 'cancelled by the caller' };
    let isNotified = false;
    client.notification({ method: 'notifications/cancelled', params }).then(
      () => (isNotified = true),
      () => undefined, // a server that could not be notified is lost
    );
    this.#timer = setTimeout(() => {
      void this.#endCancelled(Promise.resolve(isNotified && !this.session.gone.aborted));
    }, CANCEL_GRACE_MS);
  }

  async #endCancelled(isAlive: Promise<boolean>): Promise<void> {
    this.#settle(cancelled((await isAlive) ? 'silent' : 'lost'));
  }

  /** A server may still answer after a cancellation or a timeout. */
  #followLate({ cancel, errorClass }: CallError): void {
    const { onLateAnswer } = this.call.options;
    const isGivenUp = cancel === 'silent' || errorClass === 'timeout';
    if (!onLateAnswer || !isGivenUp || this.#id === undefined) return;
    this.session.wire.giveUp(this.#id, (answer) => onLateAnswer(resultOf(answer)));
  }
}

/** The call ran or is running: only its answer is lost. */
function unreadable(message: string, { isTooLarge }: RefusedFrame): CallError {
  const reportedAs = isTooLarge && 'RESULT_TOO_LARGE';
  return new CallError('lost', message, { errorClass: 'protocol', reportedAs });
}
