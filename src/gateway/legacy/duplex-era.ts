import { type DuplexEra, type DuplexPeer, type Identity, type Outlet } from '../http/contract';
import { RpcError, rpcErrorOf } from '../rpc';
import { type ListeningChannel } from './channel';
import { type LegacyContext } from './context';
import { initialize } from './initialize';
import { LegacyExchange } from './legacy-exchange';
import { listenOn } from './listen-on';
import { type LiveSession } from './live-session';
import { answerRequest, receiveOther } from './receive';
import { newSessionId } from './sessions';
import { type JsonObject } from '../../base/json';
import { RPC, type RpcId, type RpcMessage, type RpcRequest } from '../../base/jsonrpc';

/** Serves legacy clients on a transport of their own: WebSocket, HTTP+SSE, stdio. */
export function createDuplexEra(context: LegacyContext): DuplexEra {
  return {
    async open(identity, outlet, { sessionId }) {
      await context.catalogues.view(identity.scope);
      const session =
        sessionId === undefined ? undefined : await context.sessions.find(sessionId, identity);
      const peer = new LegacyPeer(context, identity, outlet, sessionId ?? newSessionId());
      if (session) peer.goOn(session);
      return peer;
    },
  };
}

class LegacyPeer implements DuplexPeer {
  #session: LiveSession | undefined;
  /** Set while a session is being opened; later messages wait for it. */
  #opening: Promise<void> | undefined;
  readonly #channel: ListeningChannel;

  constructor(
    private readonly context: LegacyContext,
    private readonly identity: Identity,
    private readonly outlet: Outlet,
    readonly sessionId: string,
  ) {
    const over = new AbortController();
    this.#channel = {
      send: (message) => outlet.send(message),
      // Another process cannot take a connection over; the front ends it when no request is in
      // flight.
      end: (how) => how === 'over' && over.abort(),
      closed: AbortSignal.any([over.signal, outlet.closed]),
    };
  }

  /** Continues an existing session. */
  goOn(session: LiveSession): void {
    this.#session = session;
    listenOn(this.context, session, this.#channel);
  }

  receive(message: RpcMessage): void {
    if (this.#opening) void this.#opening.then(() => this.#takeSafely(message));
    else this.#takeSafely(message);
  }

  close(how: 'ended' | 'gone' | 'dismissed'): void {
    this.#channel.end('over');
    const session = this.#session;
    if (!session || how !== 'ended') return;
    // If the store is unavailable now, the record expires later.
    void this.context.sessions.remove(session).catch(() => undefined);
  }

  #takeSafely(message: RpcMessage): void {
    try {
      this.#take(message);
    } catch (error) {
      if ('method' in message && 'id' in message) this.#fail(message.id, error);
    }
  }

  #take(message: RpcMessage): void {
    if (!('method' in message && 'id' in message)) {
      if (this.#session) receiveOther(this.context, this.#session, message);
      return;
    }
    if (this.#session) this.#request(this.#session, message);
    else if (message.method === 'initialize') this.#opening = this.#open(message);
    else if (message.method === 'ping') this.#answer(message.id, {});
    else throw new RpcError(RPC.invalidRequest, 'Initialize first');
  }

  async #open({ id, params }: RpcRequest): Promise<void> {
    try {
      const { context, identity, sessionId } = this;
      const { session, result } = await initialize(context, identity, params, sessionId);
      this.#answer(id, result);
      this.goOn(session);
    } catch (error) {
      this.#fail(id, error);
    } finally {
      this.#opening = undefined;
    }
  }

  /**
   * Handles a request. One that the client repeats after a break, because it has no answer yet,
   * continues unchanged.
   */
  #request(session: LiveSession, request: RpcRequest): void {
    const running = session.exchanges.get(request.id);
    if (running?.signal.aborted) {
      const message = `The request ${JSON.stringify(request.id)} was cancelled but has not ended yet`;
      throw new RpcError(RPC.invalidRequest, message);
    }
    if (running) return;
    const exchange = new LegacyExchange(session, request, true);
    answerRequest(this.context, session, request, exchange);
  }

  #answer(id: RpcId, result: JsonObject): void {
    this.outlet.send({ jsonrpc: '2.0', id, result });
  }

  #fail(id: RpcId, error: unknown): void {
    this.outlet.send({ jsonrpc: '2.0', id, error: rpcErrorOf(error).toObject() });
  }
}
