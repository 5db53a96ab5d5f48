import { type EndpointViews } from '../endpoint/endpoint-view';
import { type Usage } from '../usage';
import { type DuplexEra, type DuplexPeer, type Identity, type Outlet } from '../http/contract';
import { RpcError, rpcErrorOf } from '../rpc';
import { readEnvelope } from './envelope';
import { modernRequest } from './modern-request';
import { countedAs, type Requests } from './requests';
import { RPC, type RpcId, type RpcMessage, type RpcRequest } from '../../base/jsonrpc';

export interface DuplexEraDeps {
  requests: Requests;
  catalogues: EndpointViews;
  usage: Usage;
}

/**
 * Serves 2026-07-28 on one connection (stdio, WebSocket): as over HTTP, but without headers, and
 * cancelled by a notification.
 */
export function createDuplexEra(deps: DuplexEraDeps): DuplexEra {
  return {
    async open(identity, outlet) {
      await deps.catalogues.view(identity.scope);
      return new ModernPeer(deps, identity, outlet);
    },
  };
}

class ModernPeer implements DuplexPeer {
  readonly #requests = new Map<RpcId, { method: string; end: AbortController }>();

  constructor(
    private readonly deps: DuplexEraDeps,
    private readonly identity: Identity,
    private readonly outlet: Outlet,
  ) {}

  receive(message: RpcMessage): void {
    if (!('method' in message)) return; // servers of this era send no requests, so there are no answers
    if ('id' in message) void this.#answer(message);
    else if (message.method === 'notifications/cancelled') this.#cancel(message.params?.requestId);
  }

  /**
   * For a client that is no longer admitted, listening ends, but its calls continue without an
   * answer.
   */
  close(how: 'ended' | 'gone' | 'dismissed'): void {
    for (const { method, end } of this.#requests.values()) {
      if (how !== 'dismissed' || method === 'subscriptions/listen') end.abort();
    }
    this.#requests.clear();
  }

  async #answer(message: RpcRequest): Promise<void> {
    const { id, method } = message;
    if (this.#requests.has(id)) {
      const error = new RpcError(RPC.invalidRequest, 'A request with this ID is in progress');
      this.outlet.send({ jsonrpc: '2.0', id, error: error.toObject() });
      return;
    }
    const request = { method, end: new AbortController() };
    const { signal } = request.end;
    this.#requests.set(id, request);
    const response = await this.#respond(message, signal);
    if (!signal.aborted) this.outlet.send(response);
    if (this.#requests.get(id) === request) this.#requests.delete(id);
  }

  async #respond(message: RpcRequest, signal: AbortSignal): Promise<RpcMessage> {
    const { id } = message;
    try {
      const request = modernRequest(message, readEnvelope(message.params), this.identity, {
        signal,
        send: (notification) => {
          if (!signal.aborted) this.outlet.send(notification);
        },
      });
      const { catalogues, requests, usage } = this.deps;
      const { scope, principal } = this.identity;
      const result = await usage.during(countedAs(message), principal, async () => {
        const view = await catalogues.view(scope);
        return requests.find(view, request)(request);
      });
      return { jsonrpc: '2.0', id, result };
    } catch (error) {
      return { jsonrpc: '2.0', id, error: rpcErrorOf(error).toObject() };
    }
  }

  #cancel(requestId: unknown): void {
    if (typeof requestId !== 'string' && typeof requestId !== 'number') return;
    this.#requests.get(requestId)?.end.abort();
    this.#requests.delete(requestId);
  }
}
