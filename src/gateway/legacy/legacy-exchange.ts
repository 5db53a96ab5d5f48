import { type InputRequest, type InputResponse } from '../../domain/calls/input-requests';
import { IDEMPOTENCY_KEY } from '../calls/client-meta';
import { type Caller, type Exchange } from '../exchange';
import { type Channel, isOpen, type ReplyChannel } from './channel';
import { type EventPosition } from './event-id';
import { KeptMessages } from './kept-messages';
import { declinedFor } from '../../domain/calls/input-request-permission';
import { type LegacyInputRequests, numberOf } from './legacy-input-requests';
import { receivesLevel } from '../../domain/catalogue/log-levels';
import { Progress, progressTokenOf } from '../calls/progress';
import { LateSignal } from '../../async/late-signal';
import { isJsonObject, type JsonObject } from '../../base/json';
import { type RpcId, type RpcMessage, type RpcRequest, type RpcResponse } from '../../base/jsonrpc';

/** Session of the client that sent the request. */
interface ExchangeSession {
  readonly caller: Caller;
  readonly asks: LegacyInputRequests;
  readonly channel: Channel | undefined;
  readonly progressMs: number;
  send(message: RpcMessage): void;
  keepResponse(exchange: LegacyExchange, response: RpcResponse): void;
}

/** Request of a client of a session. It continues if its connection breaks. */
export class LegacyExchange implements Exchange {
  readonly requestId: RpcId;
  readonly meta: JsonObject;
  readonly #progress: Progress | undefined;
  readonly #cancelled = new AbortController();
  readonly #ended = new LateSignal();
  readonly #kept = new KeptMessages();
  #callId: string | undefined;
  #asked = 0;
  /** Response of Streamable HTTP; without one, the session's connection is used. */
  #reply: ReplyChannel | undefined;

  constructor(
    private readonly session: ExchangeSession,
    { id, params }: RpcRequest,
    private readonly isOnConnection: boolean,
    from?: EventPosition,
  ) {
    this.requestId = id;
    this.meta = isJsonObject(params?._meta) ? params._meta : {};
    const { number = 0, callId, asked = 0, progress } = from ?? {};
    this.#kept.startAt(number);
    this.#callId = callId;
    this.#asked = asked;
    if (this.#token !== undefined) {
      const send = (progressed: JsonObject) => this.#send('notifications/progress', progressed);
      this.#progress = new Progress(send, {
        intervalMs: session.progressMs,
        ...(progress !== undefined && { from: progress }),
      });
    }
  }

  get caller(): Caller {
    return this.session.caller;
  }

  get signal(): AbortSignal {
    return this.#cancelled.signal;
  }

  get callId(): string | undefined {
    return this.#callId;
  }

  notify(method: string, params: JsonObject): void {
    if (this.#ended.aborted) return;
    if (method === 'notifications/progress') this.#progress?.report(params);
    else if (method !== 'notifications/message') this.#send(method, params);
    else if (receivesLevel(this.caller.logLevel, params.level)) this.#send(method, params);
  }

  async requestInput(ask: InputRequest): Promise<InputResponse> {
    const declined = declinedFor(ask, this.caller.capabilities);
    if (declined) return declined;
    this.#callId ??= ask.callId;
    return this.session.asks.put(
      ask,
      (request) => this.#sendInputRequest(request, ask),
      this.#ended.signal,
    );
  }

  /** Sets the ID of the call once Temporal has it. */
  began(callId: string): void {
    if (callId === '' || callId === this.#callId) return;
    this.#callId = callId;
    if (isOpen(this.#reply)) this.#reply.mark(this.#position(this.#kept.number));
  }

  /**
   * Continues on this response: the first one, or that of a reconnected client that received
   * everything up to `after`.
   */
  attach(reply: ReplyChannel, after?: EventPosition): void {
    this.#reply = reply;
    reply.mark(after ?? this.#position(this.#kept.number));
    if (!after) return;
    for (const { message, number } of this.#kept.behind(after.number) ?? this.#kept.unsent()) {
      reply.send(message, this.#position(number));
    }
    const { asked = 0 } = after;
    const callId = this.#callId;
    this.session.asks.deliver(reply, callId === undefined ? undefined : { callId, asked });
  }

  cancel(reason: string): void {
    this.#cancelled.abort(new Error(reason));
  }

  /**
   * Handles the end of the session, which also cancels a call whose result can no longer be
   * fetched; or the move of the session to another process.
   */
  leave(how: 'over' | 'elsewhere'): void {
    if (how === 'over' && this.meta[IDEMPOTENCY_KEY] === undefined) {
      this.cancel('the session has ended');
    }
    if (isOpen(this.#reply)) this.#reply.end(how);
  }

  /** Ends the exchange with a response, or without one if the client has cancelled. */
  respond(response: RpcResponse): void {
    this.#progress?.stop();
    this.#ended.abort();
    const sent = this.#cancelled.signal.aborted ? undefined : response;
    if (this.isOnConnection) return sent && this.session.send(sent);
    const position: EventPosition = { ...this.#position(this.#kept.skip()), isLast: true };
    if (isOpen(this.#reply)) this.#reply.finish(sent, position);
    else if (sent) this.session.keepResponse(this, sent);
  }

  get #token(): RpcId | undefined {
    return progressTokenOf(this.meta);
  }

  #send(method: string, params: JsonObject): void {
    const token = this.#token;
    const isProgress = method === 'notifications/progress';
    const own = isProgress && token !== undefined ? { ...params, progressToken: token } : params;
    const message: RpcMessage = { jsonrpc: '2.0', method, params: own };
    if (this.isOnConnection) return this.session.channel?.send(message);
    const number = this.#kept.add(message, isOpen(this.#reply));
    if (isOpen(this.#reply)) this.#reply.send(message, this.#position(number));
  }

  /** Sends the input request on the request's stream, or else on the session's channel. */
  #sendInputRequest(request: RpcRequest, { askId }: InputRequest): Channel | undefined {
    this.#asked = Math.max(this.#asked, numberOf(askId));
    const channel = isOpen(this.#reply) ? this.#reply : this.session.channel;
    if (channel === this.#reply) channel?.send(request, this.#position(this.#kept.skip()));
    else channel?.send(request);
    return channel;
  }

  #position(number: number): EventPosition {
    const progress = this.#progress?.sent;
    const token = this.#token;
    return {
      number,
      request: this.requestId,
      ...(this.#callId !== undefined && { callId: this.#callId }),
      ...(token !== undefined && { progressToken: token }),
      ...(progress !== undefined && { progress }),
      ...(this.#asked > 0 && { asked: this.#asked }),
    };
  }
}
