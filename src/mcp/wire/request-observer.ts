import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResultResponse,
  type MessageExtraInfo,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/client';
import { type CallProgress } from '../../domain/calls/calls';
import { type RefusedFrame } from './accept-frames';
import { type OpenCall } from '../calls/open-call';
import { OpenRequests } from './open-requests';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

export type Answer = JSONRPCResultResponse | JSONRPCErrorResponse;

/**
 * Observes one request on the wire, below the SDK, which hides the difference between `not-sent`
 * and `lost`.
 */
export interface RequestObserver {
  /** Call that the request is a part of. */
  readonly call: OpenCall;
  /** Called right before the first byte is sent. An exception keeps the request from being sent. */
  onSend(id: RequestId): void;
  /** Called with the answer as the server sent it. */
  onAnswer(answer: Answer): void;
  /** Called if the answer came but is refused. */
  onRefused(frame: RefusedFrame): void;
  /** Called if a refused message may have been the answer. */
  onDoubt(frame: RefusedFrame): void;
  onProgress(progress: CallProgress): void;
  /** Called with the HTTP status and the header Retry-After of the response, before its body. */
  onHttpStatus(status: number, retryAfter: string | undefined): void;
  /** Called if the stream for the answer ended without it. */
  onStreamEnd(): void;
}

/** Set while a request is submitted: the request that is sent meanwhile is the observed one. */
export const observing = new AsyncLocalStorage<RequestObserver>();

/**
 * Set while a transport sends a message, for the layer that passes bytes to the OS or the HTTP
 * stack.
 */
export interface SendHooks {
  /** Call that everything on the message's own response stream belongs to. */
  readonly call: OpenCall;
  /** ID of the message. */
  readonly id: RequestId;
  beforeFirstByte(): void;
  onHttpStatus(status: number, retryAfter: string | undefined): void;
}
export const sending = new AsyncLocalStorage<SendHooks>();

/**
 * Handler of messages that a server sends on its own. `call` is known if the message came on the
 * stream of a request.
 */
export interface Incoming {
  /** Whether progress is passed on; a flood of it is not. */
  admits(): boolean;
  /** Whether the request is answered here; otherwise the SDK answers it. */
  onRequest(request: JSONRPCRequest, call: OpenCall | undefined): boolean;
  /** Whether the notification is handled here, so that the SDK need not see it. */
  onNotification(notification: JSONRPCNotification, call: OpenCall | undefined): boolean;
}

/** Sends something that does not belong to the current request. */
export const unobserved = <Result>(send: () => Result): Result =>
  observing.exit(() => sending.exit(send));

/** Time for the right answer to arrive after one with a wrong ID. */
const RIGHT_ANSWER_WAIT_MS = 2_000;
/** Abandoned requests that may still be answered; above this number, the oldest are dropped. */
const MAX_GIVEN_UP = 100;

const HANDSHAKES: ReadonlySet<string> = new Set(['initialize', 'server/discover']);

/** Transport whose requests can be observed. */
export class ObservedTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  incoming?: Incoming;
  /** Called with an exception while a message was handled. */
  onFault: (error: unknown) => void = () => undefined;
  /** Called with the reason why the answer to `initialize` is unusable. */
  onUnreadableHandshake: (why: string) => void = () => undefined;
  /** Called for an answer that matches no request. */
  onStray: (why: string) => void = () => undefined;
  /** Latest result of a handshake, exactly as the server sent it. */
  hello: JsonObject = {};
  #handshakeId: RequestId | undefined;
  #initializeId: RequestId | undefined;
  readonly #inner: Transport;
  readonly #requests = new OpenRequests();
  readonly #observers = new Map<RequestId, RequestObserver>();
  readonly #cancelled = new Set<RequestId>();
  readonly #givenUp = new Map<RequestId, (answer: Answer) => void>();
  /**
   * Request that an answer with a wrong ID may have been for, while the right answer may still
   * come.
   */
  #suspect: RequestId | undefined;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  get hasPerRequestStream(): boolean {
    return this.#inner.hasPerRequestStream ?? false;
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion?.(version);
  }

  async start(): Promise<void> {
    this.#inner.onclose = () => this.#guarded(() => this.onclose?.());
    this.#inner.onerror = (error) => this.#guarded(() => this.onerror?.(error));
    this.#inner.onmessage = (message, extra) =>
      this.#guarded(() => {
        if (!this.#observe(message)) this.onmessage?.(message, extra);
      });
    await this.#inner.start();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (this.#isRepeatedCancel(message)) return Promise.resolve();
    if (!('id' in message) || !('method' in message)) return this.#inner.send(message, options);
    const { id, method } = message;
    this.#requests.add(id);
    if (HANDSHAKES.has(method)) this.#handshakeId = id;
    if (method === 'initialize') this.#initializeId = id;
    const observer = observing.getStore();
    if (observer === undefined) return this.#inner.send(message, options);
    let isSent = false;
    const hooks: SendHooks = {
      call: observer.call,
      id,
      beforeFirstByte: () => {
        if (!isSent) observer.onSend(id);
        isSent = true;
      },
      onHttpStatus: (status, retryAfter) => observer.onHttpStatus(status, retryAfter),
    };
    this.#observers.set(id, observer);
    const observed = { ...options, onRequestStreamEnd: () => observer.onStreamEnd() };
    return sending.run(hooks, () => this.#inner.send(message, observed));
  }

  /** Ends the observation of a request whose answer is no longer needed. */
  forget(id: RequestId): void {
    this.#observers.delete(id);
    this.#cancelled.delete(id);
  }

  /**
   * Abandons a request whose answer is no longer needed; `onLate` is called if the answer still
   * comes.
   */
  giveUp(id: RequestId, onLate: (answer: Answer) => void): void {
    const [oldest] = this.#givenUp.keys();
    if (oldest !== undefined && this.#givenUp.size >= MAX_GIVEN_UP) this.#givenUp.delete(oldest);
    this.#givenUp.set(id, onLate);
  }

  /** Answers a request of the server. */
  async respond(response: JSONRPCMessage): Promise<void> {
    await this.#inner.send(response);
  }

  /**
   * Handles a refused message: ends the request that it answers, ours or the SDK's, or the server's
   * own. If it names none, any unanswered request may be affected.
   */
  refuse(frame: RefusedFrame): void {
    this.#guarded(() => this.#refuse(frame));
  }

  #refuse(frame: RefusedFrame): void {
    const { answers, asks, within, why } = frame;
    const message = `a message from the server ${why}`;
    if (answers !== undefined) {
      this.#observers.get(answers)?.onRefused(frame);
      this.#fail(answers, message);
    } else if (asks !== undefined) {
      const error = { code: RPC.invalidRequest, message };
      // A closed connection needs no answer.
      this.respond({ jsonrpc: '2.0', id: asks, error }).catch(() => undefined);
    } else if (within !== undefined) {
      this.#observers.get(within)?.onDoubt(frame);
    } else if (!frame.isNotification) this.#doubt(frame);
  }

  #doubt(frame: RefusedFrame): void {
    for (const observer of this.#observers.values()) observer.onDoubt(frame);
  }

  /** Ends a request of the SDK's if it is still unanswered. */
  #fail(id: RequestId, message: string): void {
    if (!this.#requests.close(id)) return;
    // An error as the answer would mean that the server refuses this handshake and might support
    // another.
    if (id === this.#initializeId) return this.onUnreadableHandshake(message);
    this.onmessage?.({ jsonrpc: '2.0', id, error: { code: RPC.internalError, message } });
  }

  /** Keeps a failure from affecting more than its message: nothing is thrown into the read loop. */
  #guarded(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.onFault(error);
    }
  }

  /** Whether the message was handled here, so that the SDK need not see it. */
  #observe(message: JSONRPCMessage): boolean {
    if (!('method' in message)) return this.#observeAnswer(message);
    const call = sending.getStore()?.call;
    if ('id' in message) return this.incoming?.onRequest(message, call) ?? false;
    if (message.method === 'notifications/progress') {
      const params: Record<string, unknown> = message.params ?? {};
      const { progressToken, ...progress } = params;
      // Handled here and not in the SDK's callback, which runs after an answer in the same chunk
      // has removed it.
      const observer = this.#observers.get(Number(progressToken));
      const isTaken = observer && isProgress(progress) && (this.incoming?.admits() ?? true);
      if (isTaken) observer.onProgress(progress);
      return true;
    }
    return this.incoming?.onNotification(message, call) ?? false;
  }

  #observeAnswer(answer: Answer): boolean {
    const id = answer.id ?? undefined; // JSON-RPC uses `null` for a request whose ID could not be read
    if (id === undefined) return this.#observeWithoutId(answer);
    if (!this.#requests.close(id)) {
      this.#stray(this.#requests.oddity(id), this.#requests.only);
      return true;
    }
    if (id === this.#handshakeId && 'result' in answer && isJsonObject(answer.result)) {
      this.hello = answer.result;
    }
    this.#observers.get(id)?.onAnswer(answer);
    const onLate = this.#givenUp.get(id);
    this.#givenUp.delete(id);
    onLate?.(answer);
    return false;
  }

  /**
   * Handles an answer without an ID. Servers also answer notifications with an error, so it may be
   * unrelated to any request.
   */
  #observeWithoutId(answer: Answer): boolean {
    if (!('error' in answer)) return true;
    const onItsStream = sending.getStore()?.id;
    if (onItsStream !== undefined && this.#requests.close(onItsStream)) {
      const own = { ...answer, id: onItsStream };
      this.#observers.get(onItsStream)?.onAnswer(own);
      this.onmessage?.(own);
      return true;
    }
    const { code, message } = answer.error;
    const { only } = this.#requests;
    const isHandshake = only !== undefined && only === this.#handshakeId;
    this.#stray(`is an error without an id: ${message} (${code})`, isHandshake ? only : undefined);
    return true;
  }

  /** Only a request of the SDK's is ended for it: whether a call has run would be unknown. */
  #stray(why: string, suspect: RequestId | undefined): void {
    this.onStray(why);
    this.#doubt({ why });
    if (suspect === undefined || this.#observers.has(suspect)) return;
    // One timer is enough, however many such answers come.
    if (suspect === this.#suspect) return;
    this.#suspect = suspect;
    const giveUp = () => {
      if (this.#suspect === suspect) this.#suspect = undefined;
      if (!this.#requests.has(suspect)) return;
      const message = `a message from the server ${why}, and no other answer came`;
      this.#guarded(() => this.#fail(suspect, message));
    };
    setTimeout(giveUp, RIGHT_ANSWER_WAIT_MS).unref();
  }

  /** The SDK sends its own notification when a request ends that we have already cancelled. */
  #isRepeatedCancel(message: JSONRPCMessage): boolean {
    if (!('method' in message) || message.method !== 'notifications/cancelled') return false;
    const id = message.params?.requestId;
    if (typeof id !== 'number' && typeof id !== 'string') return false;
    if (this.#cancelled.has(id)) return true;
    if (this.#observers.has(id)) this.#cancelled.add(id);
    return false;
  }
}

/**
 * Checks that the numbers can be sent on: JSON can express some that JavaScript reads as Infinity.
 */
function isProgress(params: object): params is CallProgress {
  const { progress, total, message }: { [name in keyof CallProgress]?: unknown } = params;
  if (total !== undefined && !Number.isFinite(total)) return false;
  if (message !== undefined && typeof message !== 'string') return false;
  return Number.isFinite(progress);
}
