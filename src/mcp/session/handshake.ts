import {
  Client,
  type ClientCapabilities,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
} from '@modelcontextprotocol/client';
import { MainspringError } from '../../base/errors';
import { type Link } from '../wire/link';
import { connectError } from './connect-error';
import { type RefusedFrame } from '../wire/accept-frames';
import { incomingOf } from './incoming';
import { Liveness } from './liveness';

import { ObservedTransport } from '../wire/request-observer';
import { type McpSession } from './mcp-session';
import { MODERN_VERSION, TASKS_EXTENSION } from '../../base/mcp-names';
import { VERSION } from '../../base/version';

const CLIENT_INFO = { name: 'mainspring', version: VERSION };

/**
 * Capabilities declared to every server, because its lists may depend on them. If a legacy server
 * requests more than the client of the call supports, that is refused; a modern server gets the
 * client's capabilities with each call.
 */
const CLIENT_CAPABILITIES: ClientCapabilities = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {}, context: {} },
  roots: { listChanged: true },
  extensions: { [TASKS_EXTENSION]: {} },
};

/**
 * Way to find the protocol era: one handshake, or (over HTTP, where a refusal costs nothing) the
 * SDK's probe.
 */
export type HandshakeMode = 'legacy' | 'modern' | 'probe';

interface HandshakeOptions {
  server: string;
  mode: HandshakeMode;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Connects a link and initializes the session. On failure it throws a MainspringError and the link
 * is unusable.
 */
export async function handshake(link: Link, options: HandshakeOptions): Promise<McpSession> {
  const { mode, timeoutMs, signal } = options;
  const negotiation = { legacy: 'legacy', modern: { pin: MODERN_VERSION }, probe: 'auto' } as const;
  const listening = { autoRefresh: false, debounceMs: 0, onChanged: () => undefined };
  const client = new Client(CLIENT_INFO, {
    capabilities: CLIENT_CAPABILITIES,
    versionNegotiation: { mode: negotiation[mode] },
    // Makes the SDK listen to modern servers; the notifications are read from the wire.
    listChanged: { tools: listening, prompts: listening, resources: listening },
    inputRequired: { autoFulfill: false },
  });
  const wire = new ObservedTransport(link.transport);
  const gone = new AbortController();
  void link.ended.then((why) => gone.abort(why));
  const session: McpSession = {
    client,
    wire,
    link,
    liveness: new Liveness(client),
    gone: gone.signal,
    calls: new Set(),
    logLevel: undefined,
    onNotification: () => undefined,
    onDropped: () => undefined,
    onRefused: () => undefined,
  };
  link.onrefused = (frame: RefusedFrame) => {
    wire.refuse(frame);
    session.onRefused(frame.why);
  };
  wire.onUnreadableHandshake = (why) => {
    const message = `"${options.server}" did not complete the handshake: ${why}`;
    link.fail(new MainspringError('HANDSHAKE_FAILED', message));
  };
  wire.onStray = (why) => session.onRefused(why);
  wire.onFault = (error) => session.onRefused(`could not be handled: ${String(error)}`);
  wire.incoming = incomingOf(session);
  // The session's errors show in their effect: on a call, on the link, or none.
  client.onerror = () => undefined;
  try {
    await client.connect(wire, { timeout: timeoutMs, maxTotalTimeout: timeoutMs, signal });
    return session;
  } catch (error) {
    throw connectError(options.server, error);
  }
}

/**
 * Whether the server understood the handshake and refused it, so that the other era may succeed.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof MainspringError && error.cause instanceof ProtocolError;
}

/**
 * Whether the probe got an HTTP error: older servers return various ones for a request without a
 * session.
 */
export function isRefusedProbe(error: unknown): boolean {
  const isRefused = error instanceof MainspringError && error.code === 'CONNECTION_FAILED';
  return isRefused && error.cause instanceof SdkHttpError;
}

/** Whether the handshake failed only because the link ended, which has the reason. */
export function isConnectionClosed(error: unknown): boolean {
  if (!(error instanceof MainspringError && error.cause instanceof SdkError)) return false;
  const { code, message } = error.cause;
  const isProbe = code === SdkErrorCode.EraNegotiationFailed && message.includes('closed');
  return code === SdkErrorCode.ConnectionClosed || isProbe;
}
