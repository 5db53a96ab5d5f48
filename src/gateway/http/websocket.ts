import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { type Duplex as Socket } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Identity } from './contract';
import { Duplex } from './duplex';
import { type FrontContext } from './front-context';
import { type Refusal } from './refusal';
import { type Visit } from './visitors';

/** Interval of pings; a WebSocket that does not answer one before the next is dead. */
const WEBSOCKET_PING_MS = 15_000;

export const SESSION_HEADER = 'mcp-session-id';
/** Header with the maximum size of messages to the gateway, in bytes. */
export const MAX_MESSAGE_HEADER = 'mainspring-max-message';
const SUBPROTOCOL = 'mcp';

/** Close codes of RFC 6455. */
const CLOSED_BY_CLIENT = new Set([1000, 1001, 1005]);
const NOT_TEXT = 1003;
const NOT_ALLOWED = 1008;
const RESTARTS = 1012;

interface Connection {
  socket: WebSocket;
  duplex: Duplex;
}

/** WebSocket: one message per text frame, subprotocol `mcp`. */
export class WebSocketEndpoint {
  readonly #connections = new Set<Connection>();
  readonly #sessions = new WeakMap<IncomingMessage, string>();
  readonly #server: WebSocketServer;

  constructor(private readonly context: FrontContext) {
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    this.#server.on('headers', (headers, request) => {
      const session = this.#sessions.get(request);
      if (session !== undefined) headers.push(`Mcp-Session-Id: ${session}`);
      headers.push(`Mainspring-Max-Message: ${context.policy().limits.bodyBytes}`);
    });
  }

  /** @throws Refusal, or the errors of `DuplexEra.open`; then nothing was written to the socket */
  async upgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    visit: Visit,
  ): Promise<void> {
    const { identity } = visit;
    const closed = new AbortController();
    const release = this.context.usage.take('streams', identity.principal);
    socket.once('close', () => {
      release();
      closed.abort();
    });
    try {
      const presented = request.headers[SESSION_HEADER];
      const session = typeof presented === 'string' ? { sessionId: presented } : {};
      const duplex = await Duplex.open(this.context, identity, closed.signal, session);
      if (closed.signal.aborted) return duplex.close('gone');
      if (visit.dismissal) {
        duplex.close('dismissed');
        throw visit.dismissal;
      }
      // A failed handshake ends the socket, and nothing else closes the peers.
      const cancel = () => duplex.close('gone');
      socket.once('close', cancel);
      if (duplex.sessionId !== undefined) this.#sessions.set(request, duplex.sessionId);
      this.#server.options.maxPayload = this.context.policy().limits.bodyBytes;
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        socket.off('close', cancel);
        this.#serve({ socket: webSocket, duplex }, identity);
        visit.onDismissed((refusal) => {
          duplex.dismiss(refusal);
          webSocket.close(NOT_ALLOWED, refusal.code);
        });
      });
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Disconnects clients; those with requests in flight stay until `force`. */
  close(force: boolean): void {
    for (const { socket, duplex } of this.#connections) {
      if (force) socket.terminate();
      else if (!duplex.isBusy) socket.close(RESTARTS, 'the gateway is shutting down');
    }
  }

  #serve(connection: Connection, identity: Identity): void {
    const { socket, duplex } = connection;
    this.#connections.add(connection);
    let isAlive = true;
    const ping = setInterval(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    }, WEBSOCKET_PING_MS).unref();
    socket.on('pong', () => (isAlive = true));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, isBinary) => {
      isAlive = true;
      if (isBinary) socket.close(NOT_TEXT, 'expected a text message');
      else duplex.receiveBytes(bytesOf(data));
    });
    socket.once('close', (code) => {
      clearInterval(ping);
      this.#connections.delete(connection);
      duplex.close(CLOSED_BY_CLIENT.has(code) ? 'ended' : 'gone');
    });
    duplex.attach((json) => {
      if (socket.bufferedAmount > identity.limits.bufferBytes) socket.terminate();
      else socket.send(json, () => undefined); // messages that can no longer be sent are dropped
    });
  }
}

/** Answers an upgrade request that is refused. */
export function refuseUpgrade(socket: Socket, { status, error, headers }: Refusal): void {
  const body = JSON.stringify({ jsonrpc: '2.0', id: null, error: error.toObject() });
  const lines = Object.entries({
    Connection: 'close',
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  }).map(([name, value]) => `${name}: ${String(value)}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`);
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
