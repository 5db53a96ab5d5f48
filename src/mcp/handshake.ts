import { Client, ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { MainspringError } from '../domain/errors';
import { type Link } from './link';
import { connectError } from './connect-error';
import { ObservedTransport } from './request-observer';

const CLIENT_INFO = { name: 'mainspring', version: '0.1.0' };
const MODERN_VERSION = '2026-07-28';

/** How to find the protocol era: one handshake, or (over HTTP, where a refusal costs nothing) the SDK's probe. */
export type HandshakeMode = 'legacy' | 'modern' | 'probe';

/** An initialized client, and its way to the wire. */
export interface Session {
  readonly client: Client;
  readonly wire: ObservedTransport;
  readonly link: Link;
  onToolsChanged: () => void;
}

interface HandshakeOptions {
  server: string;
  mode: HandshakeMode;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Connects a link and initializes the session; throws a MainspringError, and leaves an unusable link, if that fails. */
export async function handshake(link: Link, options: HandshakeOptions): Promise<Session> {
  const { mode, timeoutMs, signal } = options;
  const negotiation = { legacy: 'legacy', modern: { pin: MODERN_VERSION }, probe: 'auto' } as const;
  const client = new Client(CLIENT_INFO, {
    capabilities: {},
    versionNegotiation: { mode: negotiation[mode] },
    listChanged: {
      tools: { autoRefresh: false, debounceMs: 0, onChanged: () => session.onToolsChanged() },
    },
  });
  const wire = new ObservedTransport(link.transport);
  const session: Session = { client, wire, link, onToolsChanged: () => undefined };
  // The session's errors show in what they break: a call, the link, or nothing.
  client.onerror = () => undefined;
  try {
    await client.connect(wire, { timeout: timeoutMs, maxTotalTimeout: timeoutMs, signal });
    return session;
  } catch (error) {
    throw connectError(options.server, error);
  }
}

/** Whether the server understood the handshake and refused it, so that the other era may succeed. */
export function isRefusal(error: unknown): boolean {
  return error instanceof MainspringError && error.cause instanceof ProtocolError;
}

/** Whether the handshake failed only because the link had ended, which knows why. */
export function isConnectionClosed(error: unknown): boolean {
  if (!(error instanceof MainspringError && error.cause instanceof SdkError)) return false;
  const { code, message } = error.cause;
  const isProbe = code === SdkErrorCode.EraNegotiationFailed && message.includes('closed');
  return code === SdkErrorCode.ConnectionClosed || isProbe;
}
