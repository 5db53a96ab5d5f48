import { type IncomingMessage } from 'node:http';
import { createConnection } from 'node:net';
import WebSocket from 'ws';
import { isErrorCode, MainspringError } from '../../base/errors';
import { MAX_MESSAGE_HEADER, SESSION_HEADER } from '../http/websocket';
import { isJsonObject } from '../../base/json';
import { DEFAULT_BODY_BYTES } from '../../domain/endpoint/gateway-policy';

/** Longest message between `mainspring stdio` and its client, in either direction. */
export const MAX_STDIO_MESSAGE_BYTES = 256 * 1024 * 1024;

const HANDSHAKE_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 500;
const MAX_REFUSAL_BYTES = 64 * 1024;
const NORMAL = 1000;

/** Address of the gateway. */
export interface GatewayAddress {
  /** Path of a Unix socket. */
  socket: string;
  /** Path of the endpoint. */
  path: string;
}

export interface GatewayConnection {
  sessionId?: string;
  maxBytes: number;
  send(text: string): void;
}

/** Refusal of a connection by the gateway. */
export class ConnectionRefused extends Error {
  constructor(
    readonly status: number,
    readonly error: MainspringError,
  ) {
    super(error.message);
  }
}

/**
 * Runs one connection and resolves at its end; `end` closes it.
 *
 * @throws ConnectionRefused, or the error of the network
 */
export async function connect(
  { socket: socketPath, path }: GatewayAddress,
  sessionId: string | undefined,
  on: { open: (connected: GatewayConnection) => void; message: (text: string) => void },
  end: AbortSignal,
): Promise<void> {
  if (end.aborted) return; // its listeners would never be called
  const socket = new WebSocket(`ws://localhost${path}`, 'mcp', {
    createConnection: () => createConnection(socketPath),
    headers: sessionId === undefined ? {} : { [SESSION_HEADER]: sessionId },
    maxPayload: MAX_STDIO_MESSAGE_BYTES,
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  const close = () => {
    socket.close(NORMAL);
    setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
  };
  end.addEventListener('abort', close);
  return new Promise<void>((resolve, reject) => {
    let answered: Omit<GatewayConnection, 'send'> = { maxBytes: DEFAULT_BODY_BYTES };
    socket.on('upgrade', (response) => (answered = readHeaders(response)));
    socket.on('open', () => on.open({ ...answered, send: (text) => socket.send(text) }));
    socket.on('message', (data: Buffer) => on.message(data.toString()));
    socket.on('error', reject); // 'close' follows if there was a connection
    socket.on('close', () => resolve());
    socket.on('unexpected-response', (_request, response) => {
      void readRefusal(response).then((refused) => {
        reject(refused);
        socket.terminate();
      });
    });
  }).finally(() => end.removeEventListener('abort', close));
}

function readHeaders({ headers }: IncomingMessage): Omit<GatewayConnection, 'send'> {
  const sessionId = headers[SESSION_HEADER];
  return {
    ...(typeof sessionId === 'string' && { sessionId }),
    maxBytes: Number(headers[MAX_MESSAGE_HEADER]) || DEFAULT_BODY_BYTES,
  };
}

async function readRefusal(response: IncomingMessage): Promise<ConnectionRefused> {
  const status = response.statusCode ?? 0;
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // the part that has arrived is enough
  }
  return new ConnectionRefused(status, errorIn(text) ?? unexplained(status));
}

function errorIn(text: string): MainspringError | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const error = isJsonObject(body) ? body['error'] : undefined;
    if (!isJsonObject(error) || !isJsonObject(error['data'])) return undefined;
    const { code, fix } = error['data'];
    const { message } = error;
    if (!isErrorCode(code) || typeof fix !== 'string' || typeof message !== 'string') {
      return undefined;
    }
    return new MainspringError(code, message, { fix });
  } catch {
    return undefined;
  }
}

function unexplained(status: number): MainspringError {
  return new MainspringError('CONNECTION_FAILED', `The gateway returned status ${status}.`);
}
