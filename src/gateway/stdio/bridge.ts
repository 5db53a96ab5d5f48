import { randomUUID } from 'node:crypto';
import { type MainspringError } from '../../base/errors';
import { parseJson } from '../http/parse-json';
import { idOf, readMessage } from '../http/read-message';
import { RpcError, rpcErrorOf } from '../rpc';
import { withKey } from './with-key';
import { isJsonObject } from '../../base/json';
import { RPC, type RpcId, type RpcMessage, type RpcRequest } from '../../base/jsonrpc';

/**
 * Number of times that a request is sent, each time on a connection that broke, before it fails.
 */
const MAX_RESENDS = 20;

/** ID of the handshake that is repeated for the client without its knowledge. */
const REPLAY_ID = 'mainspring/initialize';

interface UnansweredRequest {
  request: RpcRequest;
  text: string;
  sent: number;
}

/** Open connection to the gateway. */
export interface GatewayLink {
  send(text: string): void;
  /** Longest message that the gateway accepts. */
  maxBytes: number;
  /**
   * Whether the gateway has none of the earlier messages; otherwise it continues the same session.
   */
  isNew: boolean;
}

/**
 * Connects a client on stdin and stdout with the gateway, whose connection may break and be
 * restored: every request is answered exactly once.
 */
export class Bridge {
  /** Unanswered requests in their order. */
  readonly #unanswered = new Map<RpcId, UnansweredRequest>();
  /** Notifications and answers that wait for a connection. */
  #queued: string[] = [];
  #gateway: GatewayLink | undefined;
  #isReady = false;
  /** Handshake of a legacy client, once it was answered. */
  #initialize: RpcRequest | undefined;
  #initialized: string | undefined;

  constructor(private readonly toClient: (json: string) => void) {}

  /** Whether the client waits for an answer. */
  get isBusy(): boolean {
    return [...this.#unanswered.values()].some(
      ({ request }) => request.method !== 'subscriptions/listen',
    );
  }

  /** Whether there is a session to resume. */
  get hasSession(): boolean {
    return this.#initialize !== undefined;
  }

  fromClient(line: string): void {
    if (line.trim() === '') return;
    let value: unknown;
    try {
      value = parseJson(Buffer.from(line));
      this.#take(value, line);
    } catch (error) {
      this.#answer(idOf(value), rpcErrorOf(error));
    }
  }

  fromGateway(text: string): void {
    const message = messageIn(text);
    if (!message) return;
    if ('method' in message || message.id === null) return this.toClient(text);
    if (message.id === REPLAY_ID) return this.#replayed();
    const request = this.#unanswered.get(message.id)?.request;
    if (!request) return; // already answered, or cancelled
    this.#unanswered.delete(message.id);
    if (request.method === 'initialize' && 'result' in message) this.#initialize = request;
    this.toClient(text);
  }

  /** Sends the waiting messages, after the handshake if the gateway needs it again. */
  connected(way: GatewayLink): void {
    this.#gateway = way;
    if (way.isNew && this.#initialize) {
      way.send(JSON.stringify({ ...this.#initialize, id: REPLAY_ID }));
      return;
    }
    this.#flush(way);
  }

  disconnected(): void {
    this.#gateway = undefined;
    this.#isReady = false;
  }

  /** Answers all waiting requests with an error, because nothing else will. */
  failAll(error: MainspringError): void {
    const { code, message, fix } = error;
    for (const id of [...this.#unanswered.keys()]) {
      this.#unanswered.delete(id);
      this.#answer(id, new RpcError(RPC.serverError, message, { code, fix }));
    }
  }

  #take(value: unknown, line: string): void {
    const message = readMessage(value);
    if (!message) throw new RpcError(RPC.invalidRequest, 'This is not a valid MCP message.');
    if ('method' in message && 'id' in message) return this.#request(message, line);
    if ('method' in message && message.method === 'notifications/initialized') {
      this.#initialized = line;
    }
    this.#forgetCancelled(message);
    if (this.#isReady) this.#gateway?.send(line);
    else this.#queued.push(line);
  }

  #request(message: RpcRequest, line: string): void {
    const { id } = message;
    if (this.#unanswered.has(id)) {
      throw new RpcError(RPC.invalidRequest, `The id ${JSON.stringify(id)} is already in use.`);
    }
    const request = withKey(message, () => `stdio/${randomUUID()}`);
    const text = request === message ? line : JSON.stringify(request);
    const waiting = { request, text, sent: 0 };
    this.#unanswered.set(id, waiting);
    if (this.#isReady && this.#gateway) this.#send(this.#gateway, waiting);
  }

  /** A cancelled request is not answered. */
  #forgetCancelled(message: RpcMessage): void {
    if (!('method' in message) || message.method !== 'notifications/cancelled') return;
    const id = isJsonObject(message.params) ? message.params['requestId'] : undefined;
    if (typeof id === 'string' || typeof id === 'number') this.#unanswered.delete(id);
  }

  /** Handles the answer to the repeated handshake. */
  #replayed(): void {
    if (!this.#gateway) return;
    if (this.#initialized !== undefined) this.#gateway.send(this.#initialized);
    this.#flush(this.#gateway);
  }

  #flush(way: GatewayLink): void {
    this.#isReady = true;
    for (const waiting of [...this.#unanswered.values()]) this.#send(way, waiting);
    for (const text of this.#queued) way.send(text);
    this.#queued = [];
  }

  /**
   * Sends a request, unless it is too large or has broken every connection, which it would do
   * again.
   */
  #send(way: GatewayLink, waiting: UnansweredRequest): void {
    const { request, text } = waiting;
    const problem =
      Buffer.byteLength(text) > way.maxBytes
        ? `A message can have at most ${way.maxBytes} bytes ("gateway.limits.bodyBytes").`
        : waiting.sent >= MAX_RESENDS
          ? 'The connection to Mainspring broke each time this message was sent.'
          : undefined;
    if (problem === undefined) {
      waiting.sent += 1;
      way.send(text);
      return;
    }
    this.#unanswered.delete(request.id);
    this.#answer(request.id, new RpcError(RPC.invalidRequest, problem));
  }

  #answer(id: RpcId | null, error: RpcError): void {
    this.toClient(JSON.stringify({ jsonrpc: '2.0', id, error: error.toObject() }));
  }
}

/** Text that is not a message is ignored. */
function messageIn(text: string): RpcMessage | undefined {
  try {
    return readMessage(JSON.parse(text));
  } catch {
    return undefined;
  }
}
