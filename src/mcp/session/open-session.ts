import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { MainspringError } from '../../base/errors';
import { type ServerSpec } from '../../domain/spec';
import { type ProcessGroup } from '../../process/spawn';
import { type Authorization, isLoginRequired } from './authorization';
import { handshake, type HandshakeMode, isConnectionClosed, isRefusal } from './handshake';
import { createLink, type Link } from '../wire/link';
import { type McpSession } from './mcp-session';

const FIRST_RETRY_MS = 20;
const MAX_RETRY_MS = 250;
const PROBE_TIMEOUT_MS = 1_000;

interface OpenOptions {
  mode: HandshakeMode;
  timeoutMs: number;
  /** Aborts the attempt; its reason is thrown. */
  signal: AbortSignal;
  /** Source of access tokens. */
  authorization?: Authorization | undefined;
}

/**
 * Connects and initializes a session. Retries while a program that we started does not listen on
 * its port yet.
 */
export async function openSession(
  spec: ServerSpec,
  group: ProcessGroup | undefined,
  options: OpenOptions,
): Promise<McpSession> {
  const mayNotListenYet = group !== undefined && spec.type !== 'stdio';
  for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_RETRY_MS)) {
    try {
      return await attempt(createLink(spec, group, options.authorization), spec.name, options);
    } catch (error) {
      if (!mayNotListenYet || isRefusal(error) || options.signal.aborted) throw error;
      await delay(pauseMs);
      options.signal.throwIfAborted();
    }
  }
}

async function attempt(link: Link, server: string, options: OpenOptions): Promise<McpSession> {
  const { signal, mode, timeoutMs } = options;
  const abandon = () => void link.close(false);
  signal.addEventListener('abort', abandon, { once: true });
  // Closing makes the SDK abort everything it waits for.
  void link.ended.then(abandon);
  try {
    return await handshake(link, { server, mode, timeoutMs, signal });
  } catch (error) {
    await link.close(false);
    if (signal.aborted) throw withJunk(signal.reason, link);
    // A required login is a better reason than the client's error.
    const isExplained = isConnectionClosed(error) || isLoginRequired(link.why);
    throw withJunk(isExplained ? await link.ended : error, link);
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}

/** Adds the server's output on stdout, which explains more than a missing answer. */
function withJunk(error: unknown, { junk }: Link): unknown {
  if (!(error instanceof MainspringError) || junk.length === 0) return error;
  const message = `${error.message}; its output on stdout:\n${junk.join('\n')}`;
  return new MainspringError(error.code, message, { fix: error.fix, cause: error.cause });
}

/**
 * Throws if another program listens where ours is about to: ours would exit, but not before we had
 * connected to the wrong server.
 */
export async function refuseTakenPort(url: string): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const isTls = protocol === 'https:' || protocol === 'wss:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = createConnection({ host, port: Number(port || (isTls ? 443 : 80)) });
  const isTaken = await new Promise<boolean>((resolve) => {
    socket.setTimeout(PROBE_TIMEOUT_MS, () => resolve(false));
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  if (!isTaken) return;
  throw new MainspringError(
    'PORT_TAKEN',
    `another program is already listening on ${hostname}:${port}`,
    {
      fix: 'Stop that program, or use another port for the server in its command and its URL.',
    },
  );
}
