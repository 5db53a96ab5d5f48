import { answerEmpty, answerJson } from '../../../src/gateway/http/answer';
import {
  type DuplexEra,
  type DuplexPeer,
  type HttpCall,
  type HttpEra,
  type Identity,
  type Outlet,
} from '../../../src/gateway/http/contract';
import { openEventStream } from '../../../src/gateway/http/event-stream';
import { readMessage } from '../../../src/gateway/http/read-message';
import { RpcError, rpcErrorOf } from '../../../src/gateway/rpc';
import { type Usage } from '../../../src/gateway/usage';
import { type JsonObject } from '../../../src/base/json';
import { RPC, type RpcMessage, type RpcRequest } from '../../../src/base/jsonrpc';

/**
 * An era with a few tools, which answers at once, after `release`, or never; as little of MCP as the SDK's clients need. It is
 * the era of a test of the transports.
 */
export class TinyEra implements HttpEra, DuplexEra {
  /** What arrived, in order. */
  readonly seen: RpcMessage[] = [];
  readonly identities: Identity[] = [];
  readonly outlets = new Set<Outlet>();
  readonly closes: string[] = [];
  gone = 0;
  /** Sessions that a connection may go on with. */
  readonly sessions = new Set<string>();
  #held: (() => void)[] = [];
  #lastSession = 0;

  constructor(
    private readonly hasSessions = true,
    private readonly usage?: Usage,
  ) {}

  /** Ends the calls of tool `hold`. */
  release(): void {
    for (const end of this.#held) end();
    this.#held = [];
  }

  get held(): number {
    return this.#held.length;
  }

  async handle(call: HttpCall): Promise<void> {
    const { response, request, body, identity, gone } = call;
    this.identities.push(identity);
    gone.addEventListener('abort', () => (this.gone += 1));
    if (request.method === 'DELETE') return answerEmpty(response, 204);
    if (request.method === 'GET') {
      openEventStream(call).prime('first');
      return;
    }
    const message = readMessage(body);
    if (!message) throw new RpcError(RPC.invalidRequest, 'no message');
    this.seen.push(message);
    if (!('method' in message) || !('id' in message)) return answerEmpty(response, 202);
    const result = await this.#resultOf(message, identity);
    answerJson(response, 200, { jsonrpc: '2.0', id: message.id, result });
  }

  async open(
    identity: Identity,
    outlet: Outlet,
    { sessionId }: { sessionId?: string },
  ): Promise<DuplexPeer> {
    this.identities.push(identity);
    this.outlets.add(outlet);
    outlet.closed.addEventListener('abort', () => this.outlets.delete(outlet));
    this.#lastSession += 1;
    const own = sessionId ?? `session-${this.#lastSession}`;
    this.sessions.add(own);
    return {
      ...(this.hasSessions && { sessionId: own }),
      receive: (message) => {
        this.seen.push(message);
        if (!('method' in message) || !('id' in message)) return;
        const { id } = message;
        this.#resultOf(message, identity).then(
          (result) => outlet.send({ jsonrpc: '2.0', id, result }),
          (error: unknown) =>
            outlet.send({ jsonrpc: '2.0', id, error: rpcErrorOf(error).toObject() }),
        );
      },
      close: (how) => this.closes.push(how),
    };
  }

  async #resultOf(request: RpcRequest, identity: Identity): Promise<JsonObject> {
    const work = () => this.#perform(request, identity);
    const what = request.method === 'subscriptions/listen' ? 'streams' : 'requests';
    return this.usage ? this.usage.during(what, identity.principal, work) : work();
  }

  async #perform({ method, params = {} }: RpcRequest, identity: Identity): Promise<JsonObject> {
    switch (method) {
      case 'initialize':
        return {
          protocolVersion: params['protocolVersion'] ?? '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: 'tiny', version: '1' },
        };
      case 'tools/list':
        return { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] };
      case 'tools/call':
        return this.#call(params, identity);
      case 'subscriptions/listen':
        return new Promise(() => undefined);
      case 'ping':
        return {};
      default:
        throw new RpcError(RPC.methodNotFound, method);
    }
  }

  async #call(params: JsonObject, { principal }: Identity): Promise<JsonObject> {
    if (params['name'] === 'hold') await new Promise<void>((end) => this.#held.push(end));
    if (params['name'] === 'never') await new Promise(() => undefined);
    const text = JSON.stringify(params['arguments'] ?? {});
    return { content: [{ type: 'text', text }], _meta: { principal } };
  }
}
