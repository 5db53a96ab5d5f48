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
import { classOfLoss } from './classify-error';
import { type JsonObject } from '../../base/json';

/** Request of a call in MCP's terms. */
export interface McpRequest {
  method: string;
  params: JsonObject;
  /** Modern era: tool whose arguments are repeated in HTTP headers, which the SDK does. */
  headerTool?: Tool;
}

/** Sends one message of a call and resolves with its result; throws CallError. */
export type Send = (request: McpRequest) => Promise<JsonObject>;

/** Input request of a server during a call. */
export interface ServerInputRequest {
  method: InputRequestMethod;
  params: JsonObject;
  /** Key of the request among the `inputRequests` of a modern server. */
  key?: string;
  /** Number of requests among these `inputRequests` that the client can answer. */
  together?: number;
}

/** Client of a call, to which the server may send input requests meanwhile. */
export interface CallClient {
  /** Equal for calls of the same client. */
  id: string;
  /** MCP ClientCapabilities. */
  capabilities: JsonObject;
  /** Lowest MCP log level that the client requested. */
  logLevel?: string | undefined;
  /** Never rejects; `signal` fires when the answer is no longer needed. */
  requestInput(question: ServerInputRequest, signal: AbortSignal): Promise<InputResponse>;
}

export interface CallOptions {
  /**
   * Time from submission to the answer, without the time in which the server waits for the client.
   * After it the call is cancelled on the server and `lost`.
   */
  timeoutMs: number;
  /** `_meta` of the request. */
  meta?: JsonObject;
  /** Cancels the call: before it is sent it is `not-sent`, afterwards `cancelled`. */
  signal?: AbortSignal;
  client?: CallClient;
  onProgress?: (progress: CallProgress) => void;
  /** Called with each notification that belongs to this call, except progress. */
  onNotification?: (method: string, params: JsonObject) => void;
  /** Called with an answer that came after the call was abandoned: cancelled, or timed out. */
  onLateAnswer?: (answer: JsonObject | CallError) => void;
  /**
   * Called once, synchronously, right before the first byte is sent; an exception keeps the call
   * from being sent.
   */
  onSent?: () => void;
}

/** Call or request from its submission to its end, however many messages it takes. */
export class OpenCall {
  readonly clock: CallClock;
  /** IDs of the messages that were sent for it. */
  readonly requestIds: RequestId[] = [];
  /** Set if the server has turned the call into a task (2025-11-25). */
  taskId: string | undefined;
  readonly #over = new AbortController();
  #isOver = false;
  #interrupted: AbortSignal | undefined;
  #inputRequestCount = 0;

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

  /** Called right before the first byte of one of its messages is sent. */
  sending(id: RequestId): void {
    if (!this.isSent) this.options.onSent?.();
    this.requestIds.push(id);
  }

  /** Resolves with the client's answer, or with a refusal in its place. */
  async requestInput(request: ServerInputRequest, signal?: AbortSignal): Promise<InputResponse> {
    const { client } = this.options;
    const refusal = declined(request.method);
    if (!client) return refusal;
    const incapable = declinedFor(request, client.capabilities);
    if (incapable) return incapable;
    if (++this.#inputRequestCount > MAX_INPUT_REQUESTS_PER_CALL) return refusal;
    const interrupted = this.#whenInterrupted();
    const ends = signal ? AbortSignal.any([interrupted, signal]) : interrupted;
    // Without an answer, the server would wait forever.
    const asking = () => client.requestInput(request, ends).catch(() => refusal);
    return this.clock.paused(asking);
  }

  /** Whether the client of the call can answer this request. */
  canForward(request: ServerInputRequest): boolean {
    const { client } = this.options;
    return client !== undefined && declinedFor(request, client.capabilities) === undefined;
  }

  /**
   * Waits for work between two messages; throws CallError if the call is cancelled or its server
   * exits meanwhile.
   */
  async uninterrupted<Value>(work: Promise<Value>): Promise<Value> {
    const interrupted = this.#whenInterrupted();
    return new Promise((resolve, reject) => {
      const stop = () => reject(this.#interruption());
      interrupted.addEventListener('abort', stop, { once: true });
      // Even if nobody waits for the work any more, its failure must not go unhandled.
      void work.then(resolve, reject).finally(() => interrupted.removeEventListener('abort', stop));
      if (interrupted.aborted) stop();
    });
  }

  end(): void {
    this.clock.stop();
    this.#isOver = true;
    if (this.#interrupted) this.#end(); // most calls are never interrupted
  }

  #end(): void {
    this.#over.abort('the call has ended'); // without a reason, an exception with a stack would be created
  }

  #whenInterrupted(): AbortSignal {
    const { signal } = this.options;
    if (this.#isOver) this.#end();
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
