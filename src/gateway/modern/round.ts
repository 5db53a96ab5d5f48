import { type Ask, type AskAnswer } from '../../domain/asks';
import { type JsonObject } from '../../domain/calls';
import { ASK_TOGETHER_MS } from '../../domain/limits';
import { type Caller, type Exchange } from '../exchange';
import { type RpcId, type RpcNotification } from '../rpc';

/** A request of a modern client, checked, on whatever transport. */
export interface ModernRequest {
  id: RpcId;
  method: string;
  params: JsonObject;
  caller: Caller;
  /** `_meta` as the client sent it. */
  meta: JsonObject;
  /** Fires when the client does not want the answer any more. */
  signal: AbortSignal;
  /** Sends a notification that belongs to this request, before its answer. */
  send(notification: RpcNotification): void;
}

/**
 * One request as the layers below see it. What a server asks ends it: the client brings the answers with its next request,
 * so the promises of `ask` stay open.
 */
export class Round implements Exchange {
  readonly caller: Caller;
  readonly requestId: RpcId;
  readonly meta: JsonObject;
  readonly signal: AbortSignal;
  /** Resolves soon after a server has asked something, with all that it asked by then. */
  readonly asked: Promise<Ask[]>;
  readonly #asks = new Map<string, Ask>();
  #isOver = false;
  #tell: (asks: Ask[]) => void = () => undefined;

  /** @param answered - ids of asks that have their answers already */
  constructor(
    private readonly request: ModernRequest,
    private readonly answered: ReadonlySet<string> = new Set(),
  ) {
    this.caller = request.caller;
    this.requestId = request.id;
    this.meta = request.meta;
    this.signal = request.signal;
    this.asked = new Promise((resolve) => (this.#tell = resolve));
  }

  notify(method: string, params: JsonObject): void {
    if (!this.#isOver) this.request.send({ jsonrpc: '2.0', method, params });
  }

  async ask(ask: Ask): Promise<AskAnswer> {
    if (this.#isOver) throw new Error('the request has been answered');
    if (!this.answered.has(ask.askId)) {
      if (this.#asks.size === 0)
        setTimeout(() => this.#tell([...this.#asks.values()]), ASK_TOGETHER_MS);
      this.#asks.set(ask.askId, ask);
    }
    return new Promise<AskAnswer>(() => undefined);
  }

  /** The client gets its answer now: nothing more can be said or asked on this request. */
  end(): void {
    this.#isOver = true;
  }
}
