import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCResultResponse,
  type MessageExtraInfo,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/client';
import { type CallProgress } from '../domain/calls';

export type Answer = JSONRPCResultResponse | JSONRPCErrorResponse;

/** Follows one request on the wire, below the SDK, which hides what decides between `not-sent` and `lost`. */
export interface RequestObserver {
  /** Right before the first byte goes out. What it throws keeps the request from being sent. */
  onSend(id: RequestId): void;
  /** The frame as the server sent it. */
  onAnswer(answer: Answer): void;
  onProgress(progress: CallProgress): void;
  /** The HTTP status and header Retry-After of the response, before its body. */
  onHttpStatus(status: number, retryAfter: string | undefined): void;
  /** The stream that was to carry the answer ended without it. */
  onStreamEnd(): void;
}

/** Set while a request is submitted: the request that is sent meanwhile is the observed one. */
export const observing = new AsyncLocalStorage<RequestObserver>();

/** Set while a transport sends a message, for the layer that hands bytes to the OS or the HTTP stack. */
export interface SendHooks {
  beforeFirstByte(): void;
  onHttpStatus(status: number, retryAfter: string | undefined): void;
}
export const sending = new AsyncLocalStorage<SendHooks>();

/** A transport whose requests can be observed. */
export class ObservedTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #inner: Transport;
  readonly #observers = new Map<RequestId, RequestObserver>();
  readonly #cancelled = new Set<RequestId>();

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
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onmessage = (message, extra) => {
      this.#observe(message);
      this.onmessage?.(message, extra);
    };
    await this.#inner.start();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (this.#isRepeatedCancel(message)) return;
    const observer = 'id' in message && 'method' in message ? observing.getStore() : undefined;
    if (observer === undefined || !('id' in message) || message.id === undefined) {
      return this.#inner.send(message, options);
    }
    const { id } = message;
    let isSent = false;
    const hooks: SendHooks = {
      beforeFirstByte: () => {
        if (!isSent) observer.onSend(id);
        isSent = true;
      },
      onHttpStatus: (status, retryAfter) => observer.onHttpStatus(status, retryAfter),
    };
    this.#observers.set(id, observer);
    const observed = { ...options, onRequestStreamEnd: () => observer.onStreamEnd() };
    await sending.run(hooks, () => this.#inner.send(message, observed));
  }

  /** Ends the observation of a request that nobody waits for any more. */
  forget(id: RequestId): void {
    this.#observers.delete(id);
    this.#cancelled.delete(id);
  }

  #observe(message: JSONRPCMessage): void {
    if ('method' in message) {
      if (message.method !== 'notifications/progress') return;
      const params: Record<string, unknown> = message.params ?? {};
      const { progressToken, ...progress } = params;
      // Here and not in the SDK's callback, which runs after an answer in the same chunk has dropped it.
      if (isProgress(progress)) this.#observers.get(Number(progressToken))?.onProgress(progress);
    } else if (message.id !== undefined) {
      this.#observers.get(message.id)?.onAnswer(message);
    }
  }

  /** The SDK sends its own notification when a request is given up that we have already cancelled. */
  #isRepeatedCancel(message: JSONRPCMessage): boolean {
    if (!('method' in message) || message.method !== 'notifications/cancelled') return false;
    const id = message.params?.requestId;
    if (typeof id !== 'number' && typeof id !== 'string') return false;
    if (this.#cancelled.has(id)) return true;
    if (this.#observers.has(id)) this.#cancelled.add(id);
    return false;
  }
}

function isProgress(params: object): params is CallProgress {
  return 'progress' in params && typeof params.progress === 'number';
}
