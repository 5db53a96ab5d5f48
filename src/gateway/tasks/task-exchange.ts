import { type InputRequest, type InputResponse } from '../../domain/calls/input-requests';
import { type Exchange } from '../exchange';
import { isJsonObject, type JsonObject } from '../../base/json';
import { META } from '../../base/mcp-names';

/** Adds to `_meta` the task that a message belongs to (2025-11-25, Related Task Metadata). */
export function relatedTo(taskId: string, params: JsonObject): JsonObject {
  const { _meta } = params;
  return {
    ...params,
    _meta: { ...(isJsonObject(_meta) && _meta), [META.relatedTask]: { taskId } },
  };
}

/**
 * Request of a legacy client for a task: its messages and input requests name the task, and the
 * call continues if the client cancels or drops the request.
 */
export class TaskExchange implements Exchange {
  readonly caller: Exchange['caller'];
  readonly requestId: Exchange['requestId'];
  readonly meta: JsonObject;
  readonly signal: AbortSignal;
  readonly #gone = new AbortController();
  readonly #asked = new Map<string, Promise<InputResponse>>();
  #taskId = '';
  #isOver = false;

  constructor(private readonly exchange: Exchange) {
    this.caller = exchange.caller;
    this.requestId = exchange.requestId;
    this.meta = exchange.meta;
    this.signal = this.#gone.signal;
  }

  /** Sets the task that messages name from now on. */
  of(taskId: string): this {
    this.#taskId = taskId;
    return this;
  }

  notify(method: string, params: JsonObject): void {
    if (!this.#isOver) this.exchange.notify(method, relatedTo(this.#taskId, params));
  }

  /** Sends each input request once, however often it arrives. */
  async requestInput(ask: InputRequest): Promise<InputResponse> {
    if (this.#isOver) throw new Error('the request has been answered');
    const asked =
      this.#asked.get(ask.askId) ??
      this.exchange.requestInput({ ...ask, params: relatedTo(this.#taskId, ask.params) });
    this.#asked.set(ask.askId, asked);
    return asked;
  }

  hasRequested(askId: string): boolean {
    return this.#asked.has(askId);
  }

  /** Ends the exchange: nothing more can be sent on this request. */
  end(): void {
    this.#isOver = true;
  }
}
