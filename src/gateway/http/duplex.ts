import { type Era } from '../exchange';
import { RpcError } from '../rpc';
import { eraOfMessage } from './classify-era';
import { type DuplexPeer, type Identity } from './contract';
import { type FrontContext } from './front-context';
import { parseJson } from './parse-json';
import { idOf, readMessage } from './read-message';
import { type Refusal, refusalOf } from './refusal';
import { isJsonObject } from '../../base/json';
import { RPC, type RpcId, type RpcMessage, type RpcRequest } from '../../base/jsonrpc';

/** Connection with messages in both directions, and a peer in each era. */
export class Duplex {
  /** Unanswered requests of the client. */
  readonly #inFlight = new Map<RpcId, Era>();
  #peers: Record<Era, DuplexPeer> | undefined;
  /** Messages sent before the connection was attached. */
  #early: string[] = [];
  #write = (json: string): void => void this.#early.push(json);

  private constructor(private readonly context: FrontContext) {}

  /**
   * @param closed - fires when the connection is over; `close` must be called then, too
   * @throws what `DuplexEra.open` throws
   */
  static async open(
    context: FrontContext,
    identity: Identity,
    closed: AbortSignal,
    session: { sessionId?: string } = {},
  ): Promise<Duplex> {
    const duplex = new Duplex(context);
    const outlet = { send: (message: RpcMessage) => duplex.#send(message), closed };
    // The peer that holds resources comes last, so that a refused connection leaves nothing behind.
    const modern = await context.eras.modern.open(identity, outlet, {});
    const legacy = await context.eras.legacy.open(identity, outlet, session);
    duplex.#peers = { legacy, modern };
    return duplex;
  }

  /** Sends messages to the client, as JSON, with this function from now on. */
  attach(write: (json: string) => void): void {
    this.#write = write;
    this.#early.forEach(write);
    this.#early = [];
  }

  get sessionId(): string | undefined {
    return this.#peers?.legacy.sessionId;
  }

  get isBusy(): boolean {
    return this.#inFlight.size > 0;
  }

  /** Receives one unparsed message of the client. */
  receiveBytes(bytes: Buffer): void {
    let value: unknown;
    try {
      value = parseJson(bytes);
    } catch (error) {
      this.#refuse(null, error);
      return;
    }
    this.receive(value);
  }

  /** Receives one parsed message of the client; a flaw is answered with an error. */
  receive(value: unknown): void {
    try {
      this.#take(value);
    } catch (error) {
      this.#refuse(idOf(value), error);
    }
  }

  /** Closes both peers; nothing is received or sent afterwards. */
  close(how: Parameters<DuplexPeer['close']>[0]): void {
    const peers = this.#peers;
    this.#peers = undefined;
    this.#inFlight.clear();
    this.#write = () => undefined;
    peers?.legacy.close(how);
    peers?.modern.close(how);
  }

  /** Tells a client that is no longer admitted that it gets no answers; its requests continue. */
  dismiss(refusal: Refusal): void {
    for (const id of [...this.#inFlight.keys()]) this.#refuse(id, refusal);
    this.close('dismissed');
  }

  #take(value: unknown): void {
    const message = readMessage(value);
    if (!message) throw new RpcError(RPC.invalidRequest, 'This is not a valid MCP message.');
    if (!('method' in message)) return this.#peers?.legacy.receive(message);
    if ('id' in message) return this.#request(message);
    this.#peers?.[this.#eraOfNotification(message)].receive(message);
  }

  #request(message: RpcRequest): void {
    const { id } = message;
    if (this.#inFlight.has(id)) {
      throw new RpcError(RPC.invalidRequest, `The id ${JSON.stringify(id)} is already in use.`);
    }
    const era = eraOfMessage(message);
    this.#inFlight.set(id, era);
    this.#peers?.[era].receive(message);
  }

  /**
   * Returns the era of the cancelled request, which the cancellation itself does not have. A
   * cancelled request is not answered.
   */
  #eraOfNotification(message: Exclude<RpcMessage, RpcRequest>): Era {
    if (!('method' in message) || message.method !== 'notifications/cancelled') {
      return eraOfMessage(message);
    }
    const id = isJsonObject(message.params) ? message.params['requestId'] : undefined;
    const isKey = typeof id === 'string' || typeof id === 'number';
    return (isKey ? this.#settle(id) : undefined) ?? eraOfMessage(message);
  }

  /** Does not use `#send`, because this error does not answer a request in flight with the same ID. */
  #refuse(id: RpcId | null, thrown: unknown): void {
    const { status, error } = refusalOf(thrown);
    if (status >= 500)
      this.context.logger.error({ error: thrown }, 'a message could not be handled');
    this.#write(JSON.stringify({ jsonrpc: '2.0', id, error: error.toObject() }));
  }

  #send(message: RpcMessage): void {
    if (!('method' in message) && message.id !== null) this.#settle(message.id);
    this.#write(JSON.stringify(message));
  }

  #settle(id: RpcId): Era | undefined {
    const era = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    return era;
  }
}
