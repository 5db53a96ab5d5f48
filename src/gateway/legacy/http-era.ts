import { answerEmpty, isAnswered } from '../http/answer';
import { type HttpCall, type HttpEra } from '../http/contract';
import { readMessage } from '../http/read-message';
import { badRequest } from '../http/refusal';
import { reply } from '../http/reply';
import { startsCall } from '../operations';
import { RpcError } from '../rpc';
import { type LegacyContext } from './context';
import { initialize } from './initialize';
import { LegacyExchange } from './legacy-exchange';
import { type LiveSession } from './live-session';
import { PostReply } from './post-reply';
import { answerRequest, receiveOther } from './receive';
import { resume } from './resume';
import { listenOn } from './listen-on';
import { openChannel } from './stream-channel';
import { allowsBatches, isLegacyVersion } from './versions';
import { RPC, type RpcMessage, type RpcRequest, MAX_BATCH_MESSAGES } from '../../base/jsonrpc';

/** Serves Streamable HTTP of 2025-03-26 to 2025-11-25. */
export function createHttpEra(context: LegacyContext): HttpEra {
  return {
    async handle(call) {
      checkVersion(call);
      const { method } = call.request;
      if (method === 'POST') return post(context, call);
      const session = await sessionOf(context, call);
      try {
        if (method === 'GET') await listen(context, call, session);
        else await remove(context, call, session);
      } finally {
        context.sessions.release(session);
      }
    },
  };
}

async function post(context: LegacyContext, call: HttpCall): Promise<void> {
  const messages = messagesOf(call.body);
  const only = Array.isArray(call.body) ? undefined : messages[0];
  if (only && isRequest(only) && only.method === 'initialize') return open(context, call, only);
  const session = await sessionOf(context, call);
  try {
    if (Array.isArray(call.body) && !allowsBatches(session.record.protocolVersion)) {
      throw invalid('The protocol version of this session does not support batches');
    }
    await take(context, call, session, messages);
  } finally {
    context.sessions.release(session);
  }
}

async function open(
  context: LegacyContext,
  call: HttpCall,
  { id, params }: RpcRequest,
): Promise<void> {
  const { session, result } = await initialize(context, call.identity, params);
  reply(call, { jsonrpc: '2.0', id, result }, { 'Mcp-Session-Id': session.record.id });
  context.sessions.release(session);
}

/** Resolves when the response is complete, or the client has disconnected. */
async function take(
  context: LegacyContext,
  call: HttpCall,
  session: LiveSession,
  messages: RpcMessage[],
): Promise<void> {
  const requests = messages.filter(isRequest);
  checkIds(session, requests);
  checkCapacity(context, call, requests);
  for (const message of messages) {
    if (!isRequest(message)) receiveOther(context, session, message);
  }
  if (requests.length === 0) return answerEmpty(call.response, 202);
  if (isAnswered(call.response)) return; // the client has disconnected or is no longer admitted
  const answers = new PostReply(call, session, requests.length, Array.isArray(call.body));
  for (const request of requests) {
    const exchange = new LegacyExchange(session, request, false);
    exchange.attach(answers);
    answerRequest(context, session, request, exchange);
  }
  await new Promise<void>((resolve) => call.response.once('close', resolve));
}

function checkIds(session: LiveSession, requests: RpcRequest[]): void {
  const taken = new Set(session.exchanges.keys());
  for (const { id } of requests) {
    if (taken.has(id)) throw invalid(`The id ${JSON.stringify(id)} is already in use`);
    taken.add(id);
  }
}

/** Admits all requests or none. @throws MainspringError GATEWAY_BUSY */
function checkCapacity(
  { usage }: LegacyContext,
  { identity }: HttpCall,
  requests: RpcRequest[],
): void {
  const { principal } = identity;
  usage.checkCapacity('requests', principal, requests.length);
  usage.checkCapacity(
    'calls',
    principal,
    requests.filter(({ method }) => startsCall(method)).length,
  );
}

async function listen(context: LegacyContext, call: HttpCall, session: LiveSession): Promise<void> {
  const position = await resume(context, call, session);
  if (position === 'resumed') return;
  const channel = openChannel(call, session);
  channel.mark(position ?? session.position);
  listenOn(context, session, channel, position);
}

async function remove(
  { sessions, listenersChanged }: LegacyContext,
  { response }: HttpCall,
  session: LiveSession,
): Promise<void> {
  await sessions.remove(session);
  answerEmpty(response, 204);
  listenersChanged();
}

function sessionOf(
  { sessions }: LegacyContext,
  { request, identity }: HttpCall,
): Promise<LiveSession> {
  const id = request.headers['mcp-session-id'];
  if (typeof id !== 'string' || id === '') {
    throw invalid(
      'Mcp-Session-Id is missing: initialize first, then send the session ID that you receive',
    );
  }
  return sessions.find(id, identity);
}

function messagesOf(body: unknown): RpcMessage[] {
  const values: unknown[] = Array.isArray(body) ? body : [body];
  if (values.length > MAX_BATCH_MESSAGES) {
    throw invalid(`A batch can have at most ${MAX_BATCH_MESSAGES} messages`);
  }
  const messages = values.map(readMessage).filter((message) => message !== undefined);
  if (messages.length === 0 || messages.length < values.length) {
    throw invalid('This is not a valid MCP message');
  }
  return messages;
}

/** 2025-06-18, basic/transports: an unknown version gets status 400. */
function checkVersion({ request }: HttpCall): void {
  const version = request.headers['mcp-protocol-version'];
  if (typeof version !== 'string' || isLegacyVersion(version)) return;
  throw badRequest(400, `The protocol version ${version} is not supported`);
}

function isRequest(message: RpcMessage): message is RpcRequest {
  return 'method' in message && 'id' in message;
}

const invalid = (message: string) => new RpcError(RPC.invalidRequest, message);
