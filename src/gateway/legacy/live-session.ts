import { randomBytes } from 'node:crypto';
import { type InputRequest, type InputResponse } from '../../domain/calls/input-requests';
import { type GatewaySession } from '../../domain/endpoint/gateway-session';
import { type Caller, type Scope } from '../exchange';
import { type Channel, isOpen } from './channel';
import { type EventPosition } from './event-id';
import { KeptMessages } from './kept-messages';
import { LegacyInputRequests } from './legacy-input-requests';
import { type LegacyExchange } from './legacy-exchange';
import { scopeOf } from '../endpoint/scope-text';
import { SessionSigner } from './session-signer';
import { type JsonObject } from '../../base/json';
import { type RpcId, type RpcMessage, type RpcRequest, type RpcResponse } from '../../base/jsonrpc';
import { PROGRESS_KEEP_ALIVE_MS } from '../calls/progress';

/** Responses without a call that are kept for a client that comes back. */
const MAX_KEPT_RESPONSES = 20;

/** What a session has in this process, while something of it is going on. All that must not be lost is in the store. */
export class LiveSession {
  readonly asks: LegacyInputRequests;
  readonly seal: SessionSigner;
  readonly exchanges = new Map<RpcId, LegacyExchange>();
  readonly scope: Scope;
  /** When `record` was read from the store. */
  readAtMs = Date.now();
  /** When its last stream or connection broke, if it ever had one. */
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

  /** Where the client listens to what belongs to no request: the way that it opened last. */
  get channel(): Channel | undefined {
    return this.#channels.at(-1);
  }

  /** How many ways it has opened. */
  get channels(): number {
    return this.#channels.length;
  }

  /** Whether it listens, or is expected back. */
  get isListening(): boolean {
    return this.#channels.length > 0 || this.brokenAtMs > 0;
  }

  /** Whether nothing goes on; a client that has just lost its stream may still come back. */
  isIdle(lingerMs: number): boolean {
    const isBusy = this.#channels.length + this.exchanges.size + this.asks.size > 0;
    return !isBusy && Date.now() >= this.brokenAtMs + (this.brokenAtMs > 0 ? lingerMs : 0);
  }

  /** Where the stream of no request is now. */
  get position(): EventPosition {
    return { number: this.#kept.number, life: this.#life };
  }

  /** Something for the client that belongs to no request, or a response on its connection. */
  send(message: RpcMessage): void {
    if (!this.isListening) return;
    const { channel } = this;
    const number = this.#kept.add(message, channel !== undefined);
    channel?.send(message, { number, life: this.#life });
  }

  notify(method: string, params?: JsonObject): void {
    this.send({ jsonrpc: '2.0', method, ...(params && { params }) });
  }

  /** The client listens from now on. Returns whether it may have missed something that is not known any more. */
  open(channel: Channel, after?: EventPosition): boolean {
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

  /** Asks the client where it listens; a call of another process may be meant. */
  ask(ask: InputRequest, signal: AbortSignal): Promise<InputResponse> {
    const send = (request: RpcRequest) => {
      const { channel } = this;
      channel?.send(request);
      return channel;
    };
    return this.asks.put(ask, send, signal);
  }

  /** Nobody could hear it: for when the client comes back. That of a call is in Temporal, which keeps it better. */
  keepResponse(exchange: LegacyExchange, response: RpcResponse): void {
    if (exchange.callId !== undefined) return;
    this.brokenAtMs = Date.now();
    this.#responses.set(exchange.requestId, response);
    const [oldest] = this.#responses.keys();
    if (this.#responses.size > MAX_KEPT_RESPONSES && oldest !== undefined) {
      this.#responses.delete(oldest);
    }
  }

  /** Nothing of it stays in this process. */
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
