import { type InputRequest, type InputResponse } from '../../domain/calls/input-requests';
import { type Exchange } from '../exchange';
import { isJsonObject, type JsonObject } from '../../base/json';
import { META } from '../../base/mcp-names';

/** Says in `_meta` which task a message belongs to (2025-11-25, Related Task Metadata). */
export function relatedTo(taskId: string, params: JsonObject): JsonObject {
  const { _meta } = params;
  return {
    ...params,
    _meta: { ...(isJsonObject(_meta) && _meta), [META.relatedTask]: { taskId } },
  };
}

/**
 * A request of a legacy client that stands for a task: what is said and asked on it names the task, and when the client cancels
 * or forgets the request, the call goes on.
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

  /** From now on messages name this task. */
  of(taskId: string): this {
    this.#taskId = taskId;
    return this;
  }

  notify(method: string, params: JsonObject): void {
    if (!this.#isOver) this.exchange.notify(method, relatedTo(this.#taskId, params));
  }

  /** Each thing once, however it is heard of. */
  async ask(ask: InputRequest): Promise<InputResponse> {
    if (this.#isOver) throw new Error('the request has been answered');
    const asked =
      this.#asked.get(ask.askId) ??
      this.exchange.ask({ ...ask, params: relatedTo(this.#taskId, ask.params) });
    this.#asked.set(ask.askId, asked);
    return asked;
  }

  hasAsked(askId: string): boolean {
    return this.#asked.has(askId);
  }

  /** Nothing more can be said or asked on this request. */
  end(): void {
    this.#isOver = true;
  }
}
