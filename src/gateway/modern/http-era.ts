import { type EndpointViews } from '../endpoint/endpoint-view';
import { answerEmpty, answerError, isAnswered } from '../http/answer';
import { startsCall } from '../operations';
import { type Usage } from '../usage';
import { type HttpCall, type HttpEra } from '../http/contract';
import { type EventStream, openEventStream } from '../http/event-stream';
import { readMessage } from '../http/read-message';
import { reply } from '../http/reply';
import { RpcError, rpcErrorOf } from '../rpc';
import { readEnvelope } from './envelope';
import { checkNotificationHeaders, checkRoutingHeaders, checkVersionHeader } from './headers';
import { modernRequest } from './modern-request';
import { checkParamHeaders } from './param-headers';
import { type Answer, countedAs, type Requests } from './requests';
import { type ModernRequest } from './mrtr-round';
import { type JsonObject } from '../../base/json';
import { RPC, type RpcNotification, type RpcRequest } from '../../base/jsonrpc';

/**
 * Time without a message after which a modern client's request is answered as a stream, so that no
 * proxy aborts it.
 */
const MODERN_STREAM_AFTER_MS = 10_000;

export interface HttpEraDeps {
  requests: Requests;
  catalogues: EndpointViews;
  usage: Usage;
}

/**
 * Serves Streamable HTTP of 2026-07-28: every message is its own POST, and no state is kept between
 * them.
 */
export function createHttpEra(deps: HttpEraDeps): HttpEra {
  const { usage } = deps;
  return {
    async handle(call) {
      const message = readMessage(call.body);
      if (!message || !('method' in message)) {
        const what = 'the body is not one JSON-RPC request or notification';
        throw new RpcError(RPC.invalidRequest, `Invalid request: ${what}`);
      }
      const { headers } = call.request;
      if (!('id' in message)) {
        checkNotificationHeaders(headers, message.method);
        answerEmpty(call.response, 202); // notifications have no effect on this transport
        return;
      }
      const { principal } = call.identity;
      if (startsCall(message.method)) usage.checkCapacity('calls', principal);
      await usage.during(countedAs(message), principal, () => answer(deps, call, message));
    },
  };
}

/** @throws RpcError, MainspringError before it is answered */
async function answer(
  { requests, catalogues }: HttpEraDeps,
  call: HttpCall,
  message: RpcRequest,
): Promise<void> {
  const { headers } = call.request;
  const { params = {} } = message;
  checkVersionHeader(headers, message.params);
  const envelope = readEnvelope(message.params);
  checkRoutingHeaders(headers, message.method, params);
  const answering = new HttpReply(call, message);
  const request = modernRequest(message, envelope, call.identity, {
    signal: call.gone,
    send: (notification) => answering.notify(notification),
  });
  const view = await catalogues.view(call.identity.scope);
  if (message.method === 'tools/call' && typeof params.name === 'string') {
    const definition = view.tool(params.name)?.definition;
    checkParamHeaders(headers, definition?.inputSchema, params.arguments);
  }
  if (isAnswered(call.response)) return; // its client is no longer admitted
  await answering.with(
    find(answering, () => requests.find(view, request)),
    request,
  );
}

/**
 * Answer to one request: JSON, or a stream once a message precedes the answer, if the client reads
 * streams.
 */
class HttpReply {
  #stream: EventStream | undefined;
  #isOver = false;

  constructor(
    private readonly call: HttpCall,
    private readonly message: RpcRequest,
  ) {}

  /** Sends a notification; dropped after the answer. */
  notify(notification: RpcNotification): void {
    if (!this.#isOver && this.#mayStream) this.#open().send(notification);
  }

  async with(answer: Answer | undefined, request: ModernRequest): Promise<void> {
    if (!answer) return;
    const open = () => this.#mayStream && this.#open();
    const timer = setTimeout(open, MODERN_STREAM_AFTER_MS);
    try {
      this.#result(await answer(request));
    } catch (error) {
      const failure = rpcErrorOf(error);
      this.error(failure.code === RPC.missingCapability ? 400 : 200, failure);
    } finally {
      clearTimeout(timer);
    }
  }

  error(status: number, error: RpcError): void {
    const { id } = this.message;
    this.#isOver = true;
    if (this.#stream) this.#end({ jsonrpc: '2.0', id, error: error.toObject() });
    else if (!this.call.gone.aborted) answerError(this.call.response, status, id, error);
  }

  #result(result: JsonObject): void {
    const { id } = this.message;
    this.#isOver = true;
    const response = { jsonrpc: '2.0' as const, id, result };
    if (this.#stream) this.#end(response);
    else if (!this.call.gone.aborted) reply(this.call, response);
  }

  /** A subscription is always a stream, whatever the client accepts. */
  get #mayStream(): boolean {
    return this.call.reads.stream || this.message.method === 'subscriptions/listen';
  }

  #end(response: Parameters<EventStream['send']>[0]): void {
    this.#stream?.send(response);
    this.#stream?.end();
  }

  #open(): EventStream {
    return (this.#stream ??= openEventStream(this.call));
  }
}

/** An unknown method has its own status. */
function find(answering: HttpReply, found: () => Answer): Answer | undefined {
  try {
    return found();
  } catch (error) {
    answering.error(404, rpcErrorOf(error));
    return undefined;
  }
}
