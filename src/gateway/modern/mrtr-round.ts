import { type InputRequest, type InputResponse } from '../../domain/calls/input-requests';
import { type Caller, type Exchange } from '../exchange';
import { isAnswer } from './input-required';
import { receivesLevel } from '../../domain/catalogue/log-levels';
import { Progress, progressTokenOf } from '../calls/progress';
import { isJsonObject, type JsonObject } from '../../base/json';
import { type RpcId, type RpcNotification } from '../../base/jsonrpc';

/** Time within which separate input requests of a server are combined for a modern client. */
const INPUT_REQUEST_GATHER_MS = 20;
/** The same for requests that the server sent at once: the last of them may come late on a busy machine, or have been answered. */
const INPUT_REQUEST_GATHER_LIMIT_MS = 2_000;

/** Checked request of a modern client, independent of its transport. */
export interface ModernRequest {
  id: RpcId;
  method: string;
  params: JsonObject;
  caller: Caller;
  /** `_meta` as the client sent it. */
  meta: JsonObject;
  /** Fires when the client no longer needs the answer. */
  signal: AbortSignal;
  /** Sends a notification that belongs to this request, before its answer. */
  send(notification: RpcNotification): void;
}

/**
 * One request as the layers below see it. An input request of the server ends it: the client
 * returns the answers with its next request, so the promises of `requestInput` stay open.
 */
export class RoundExchange implements Exchange {
  readonly caller: Caller;
  readonly requestId: RpcId;
  readonly meta: JsonObject;
  readonly signal: AbortSignal;
  /** Resolves soon after the first input request, with all that have come by then. */
  readonly asked: Promise<InputRequest[]>;
  readonly #asks = new Map<string, InputRequest>();
  /** Input requests that the client answered in advance. */
  readonly #answeredInAdvance = new Set<string>();
  #progress: Progress | undefined;
  #isOver = false;
  #gathering: NodeJS.Timeout | undefined;
  #gatherUntilMs = Infinity;
  #resolveAsked: (asks: InputRequest[]) => void = () => undefined;

  /**
   * @param answered - IDs of input requests that are already answered
   *
   * @param given - answers that the client sent in advance, by the server's keys
   */
  constructor(
    private readonly request: ModernRequest,
    private readonly answered: ReadonlySet<string> = new Set(),
    private readonly given: JsonObject = {},
  ) {
    this.caller = request.caller;
    this.requestId = request.id;
    this.meta = request.meta;
    this.signal = request.signal;
    this.asked = new Promise((resolve) => (this.#resolveAsked = resolve));
  }

  /** Starts sending progress to the client if it requested that, including keep-alive progress. */
  begin(): this {
    const progressToken = progressTokenOf(this.meta);
    if (progressToken !== undefined) {
      this.#progress = new Progress((params) =>
        this.#send('notifications/progress', { ...params, progressToken }),
      );
    }
    return this;
  }

  /**
   * Sends a notification. Clients of this era get only progress and log messages, and only if they
   * requested them.
   */
  notify(method: string, params: JsonObject): void {
    const { logLevel } = this.caller;
    if (method === 'notifications/progress') this.#progress?.report(params);
    const isLog = method === 'notifications/message';
    if (isLog && logLevel !== undefined && receivesLevel(logLevel, params.level))
      this.#send(method, params);
  }

  async requestInput(ask: InputRequest): Promise<InputResponse> {
    if (this.#isOver) throw new Error('the request has been answered');
    const { key } = ask;
    const given = key !== undefined && Object.hasOwn(this.given, key) && this.given[key];
    const isGiven = isJsonObject(given) && isAnswer(ask.method, given);
    if (isGiven) this.#answeredInAdvance.add(ask.askId);
    else if (!this.answered.has(ask.askId)) this.#asks.set(ask.askId, ask);
    this.#gather(ask.together ?? 0);
    if (isGiven) return { result: given };
    return new Promise<InputResponse>(() => undefined);
  }

  /**
   * Ends the exchange because the client gets its answer now: nothing more can be sent on this
   * request.
   */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#gathering);
    this.#progress?.stop();
  }

  /** Resolves with the input requests that have come: at once if these are all, else a little later. */
  #gather(together: number): void {
    if (this.#asks.size === 0) return;
    const received = this.#asks.size + this.#answeredInAdvance.size;
    if (together > 0 && received >= together) return this.#resolve();
    // Those that are missing may have been answered in an earlier round.
    const mayBeAll = received + this.answered.size >= together;
    const waitMs = mayBeAll ? INPUT_REQUEST_GATHER_MS : INPUT_REQUEST_GATHER_LIMIT_MS;
    const untilMs = performance.now() + waitMs;
    if (untilMs >= this.#gatherUntilMs) return;
    this.#gatherUntilMs = untilMs;
    clearTimeout(this.#gathering);
    this.#gathering = setTimeout(() => this.#resolve(), waitMs);
  }

  #resolve(): void {
    clearTimeout(this.#gathering);
    this.#resolveAsked([...this.#asks.values()]);
  }

  #send(method: string, params: JsonObject): void {
    if (!this.#isOver) this.request.send({ jsonrpc: '2.0', method, params });
  }
}
