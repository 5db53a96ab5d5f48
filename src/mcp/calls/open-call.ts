import { type RequestId, type Tool } from '@modelcontextprotocol/client';
import { declined, declinedFor } from '../../domain/calls/input-request-permission';
import {
  type InputResponse,
  type InputRequestMethod,
  MAX_INPUT_REQUESTS_PER_CALL,
} from '../../domain/calls/input-requests';
import { type CallProgress } from '../../domain/calls/calls';
import { CallClock } from './call-clock';
import { CallError, cancelled } from './call-error';
import { classOfLoss } from './error-classes';
import { type JsonObject } from '../../base/json';

/** What a call consists of, as MCP has it. */
export interface McpRequest {
  method: string;
  params: JsonObject;
  /** Of the modern era: its arguments are repeated in HTTP headers, which the SDK knows how to do. */
  headerTool?: Tool;
}

/** Sends one message of a call, and resolves with its result; throws CallError. */
export type Send = (request: McpRequest) => Promise<JsonObject>;

/** What a server asks in the middle of a call. */
export interface ServerInputRequest {
  method: InputRequestMethod;
  params: JsonObject;
  /** What a modern server calls it among its `inputRequests`. */
  key?: string;
}

/** The client of a call, whom the server may ask something meanwhile. */
export interface CallClient {
  /** Equal for calls of the same client. */
  id: string;
  /** MCP ClientCapabilities. */
  capabilities: JsonObject;
  /** MCP log level of what it wants to hear. */
  logLevel?: string | undefined;
  /** Never rejects; `signal` fires when nobody waits for the answer any more. */
  ask(question: ServerInputRequest, signal: AbortSignal): Promise<InputResponse>;
}

export interface CallOptions {
  /** From submission to the answer, without the time in which the client is asked; beyond it the call is cancelled on the server and `lost`. */
  timeoutMs: number;
  /** `_meta` of the request. */
  meta?: JsonObject;
  /** Cancels the call: before it is sent it is `not-sent`, afterwards `cancelled`. */
  signal?: AbortSignal;
  client?: CallClient;
  onProgress?: (progress: CallProgress) => void;
  /** A notification that belongs to this call, besides progress. */
  onNotification?: (method: string, params: JsonObject) => void;
  /** Gets the answer that came after the call was given up: cancelled, or out of time. */
  onLateAnswer?: (answer: JsonObject | CallError) => void;
  /** Called once, synchronously, right before the first byte is handed on; what it throws keeps the call from being sent. */
  onSent?: () => void;
}

/** One call or request from its submission to its end, however many messages it takes. */
export class OpenCall {
  readonly clock: CallClock;
  /** Of the messages that were sent for it. */
  readonly requestIds: RequestId[] = [];
  /** Set when the server has made a task of it (2025-11-25). */
  taskId: string | undefined;
  readonly #over = new AbortController();
  #interrupted: AbortSignal | undefined;
  #asked = 0;

  /** @param gone - fires with the reason when the connection ends */
  constructor(
    readonly options: CallOptions,
    private readonly gone: AbortSignal,
  ) {
    this.clock = new CallClock(options.timeoutMs);
  }

  get isSent(): boolean {
    return this.requestIds.length > 0;
  }

  /** Right before the first byte of a message for it goes out. */
  sending(id: RequestId): void {
    if (!this.isSent) this.options.onSent?.();
    this.requestIds.push(id);
  }

  /** Resolves with what its client answers, or with a refusal in its place. */
  async ask(question: ServerInputRequest, signal?: AbortSignal): Promise<InputResponse> {
    const { client } = this.options;
    const refusal = declined(question.method);
    if (!client) return refusal;
    const incapable = declinedFor(question, client.capabilities);
    if (incapable) return incapable;
    if (++this.#asked > MAX_INPUT_REQUESTS_PER_CALL) return refusal;
    const interrupted = this.#whenInterrupted();
    const ends = signal ? AbortSignal.any([interrupted, signal]) : interrupted;
    // Its server would wait for an answer that never comes.
    const asking = () => client.ask(question, ends).catch(() => refusal);
    return this.clock.paused(asking);
  }

  /** Waits for something between two messages; throws CallError when the call is cancelled or its server goes away meanwhile. */
  async uninterrupted<Value>(work: Promise<Value>): Promise<Value> {
    const interrupted = this.#whenInterrupted();
    return new Promise((resolve, reject) => {
      const stop = () => reject(this.#interruption());
      if (interrupted.aborted) return stop();
      interrupted.addEventListener('abort', stop, { once: true });
      void work.then(resolve, reject).finally(() => interrupted.removeEventListener('abort', stop));
    });
  }

  end(): void {
    this.clock.stop();
    this.#over.abort('the call has ended'); // without a reason it would make an exception with a stack
  }

  #whenInterrupted(): AbortSignal {
    const { signal } = this.options;
    const ends = [this.#over.signal, this.gone, ...(signal ? [signal] : [])];
    return (this.#interrupted ??= AbortSignal.any(ends));
  }

  #interruption(): CallError {
    if (this.options.signal?.aborted) return cancelled('idle');
    const why: unknown = this.gone.reason;
    const message = why instanceof Error ? why.message : 'the call has ended';
    return new CallError('lost', message, { cause: why, errorClass: classOfLoss(why) });
  }
}
