import { randomBytes } from 'node:crypto';
import { type InputRequest, type InputResponse } from '../../domain/calls/input-requests';
import { type GatewaySession } from '../../domain/endpoint/gateway-session';
import { type Caller, type Scope } from '../exchange';
import { type Channel, isOpen, type ListeningChannel } from './channel';
import { type EventPosition } from './event-id';
import { KeptMessages } from './kept-messages';
import { LegacyInputRequests } from './legacy-input-requests';
import { type LegacyExchange } from './legacy-exchange';
import { scopeOf } from '../endpoint/scope-text';
import { SessionSigner } from './session-signer';
import { type JsonObject } from '../../base/json';
import { type RpcId, type RpcMessage, type RpcRequest, type RpcResponse } from '../../base/jsonrpc';
import { PROGRESS_KEEP_ALIVE_MS } from '../calls/progress';

/** Number of responses without a call that are kept for a client that reconnects. */
const MAX_KEPT_RESPONSES = 20;

/** State of an active session in this process. Everything that must not be lost is in the store. */
export class LiveSession {
  readonly asks: LegacyInputRequests;
  readonly seal: SessionSigner;
  readonly exchanges = new Map<RpcId, LegacyExchange>();
  readonly scope: Scope;
  /** Time at which `record` was read from the store, in ms. */
  readAtMs = Date.now();
  /** Time at which its last stream or connection broke, in ms; 0 if it never had one. */
  brokenAtMs = 0;
  readonly #life = randomBytes(6).toString('base64url');
  readonly #kept = new KeptMessages();
  readonly #responses = new Map<RpcId, RpcResponse>();
  #channels: Channel[] = [];

  constructor(
    public record: GatewaySession,
    key: Buffer,
    readonly progressMs = PROGRESS_KEEP_ALIVE_MS,
  ) {
    this.seal = new SessionSigner(key, record.id);
    this.asks = new LegacyInputRequests(this.seal);
    this.scope = scopeOf(record.scope);
  }

  get caller(): Caller {
    const { principal, capabilities, clientInfo, id, logLevel } = this.record;
    return {
      principal,
      scope: this.scope,
      era: 'legacy',
      capabilities,
      clientInfo,
      session: id,
      ...(logLevel !== undefined && { logLevel }),
    };
  }

  /** Channel for messages that belong to no request: the one that the client opened last. */
  get channel(): Channel | undefined {
    return this.#channels.at(-1);
  }

  /** Number of open channels. */
  get channels(): number {
    return this.#channels.length;
  }

  /** Whether the client listens, or is expected to reconnect. */
  get isListening(): boolean {
    return this.#channels.length > 0 || this.brokenAtMs > 0;
  }

  /** Whether nothing is in progress; a client that has just lost its stream may still reconnect. */
  isIdle(lingerMs: number): boolean {
    const isBusy = this.#channels.length + this.exchanges.size + this.asks.size > 0;
    return !isBusy && Date.now() >= this.brokenAtMs + (this.brokenAtMs > 0 ? lingerMs : 0);
  }

  /** Current position in the stream that belongs to no request. */
  get position(): EventPosition {
    return { number: this.#kept.number, life: this.#life };
  }

  /** Sends a message that belongs to no request, or a response on the client's connection. */
  send(message: RpcMessage): void {
    if (!this.isListening) return;
    const { channel } = this;
    const number = this.#kept.add(message, channel !== undefined);
    channel?.send(message, { number, life: this.#life });
  }

  notify(method: string, params?: JsonObject): void {
    this.send({ jsonrpc: '2.0', method, ...(params && { params }) });
  }

  /**
   * Adds a channel that the client listens on. Returns whether the client may have missed messages
   * that are no longer kept.
   */
  open(channel: ListeningChannel, after?: EventPosition): boolean {
    if (!isOpen(channel)) {
      this.brokenAtMs = Date.now();
      return false;
    }
    this.#channels.push(channel);
    channel.closed.addEventListener('abort', () => this.#broken(channel), { once: true });
    const missed = after ? this.#missedSince(after) : this.#kept.unsent();
    for (const { message, number } of missed ?? []) {
      channel.send(message, { number, life: this.#life });
    }
    this.asks.deliver(channel);
    return missed === undefined;
  }

  /**
   * Sends an input request on the channel that the client listens on; it may be for a call of
   * another process.
   */
  requestInput(ask: InputRequest, signal: AbortSignal): Promise<InputResponse> {
    const send = (request: RpcRequest) => {
      const { channel } = this;
      channel?.send(request);
      return channel;
    };
    return this.asks.put(ask, send, signal);
  }

  /**
   * Keeps a response that could not be sent until the client reconnects. The response of a call is
   * in Temporal, which keeps it longer.
   */
  keepResponse(exchange: LegacyExchange, response: RpcResponse): void {
    if (exchange.callId !== undefined) return;
    this.brokenAtMs = Date.now();
    this.#responses.set(exchange.requestId, response);
    const [oldest] = this.#responses.keys();
    if (this.#responses.size > MAX_KEPT_RESPONSES && oldest !== undefined) {
      this.#responses.delete(oldest);
    }
  }

  /** Ends everything of the session in this process. */
  end(how: 'over' | 'elsewhere'): void {
    for (const exchange of this.exchanges.values()) exchange.leave(how);
    for (const channel of this.#channels) channel.end(how);
  }

  takeResponse(request: RpcId): RpcResponse | undefined {
    const response = this.#responses.get(request);
    this.#responses.delete(request);
    return response;
  }

  #missedSince({ life, number }: EventPosition) {
    return life === this.#life ? this.#kept.behind(number) : undefined;
  }

  #broken(channel: Channel): void {
    this.#channels = this.#channels.filter((other) => other !== channel);
    if (this.#channels.length === 0) this.brokenAtMs = Date.now();
  }
}
