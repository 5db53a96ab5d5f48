import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Duplex as Socket } from 'node:stream';
import { MainspringError } from '../../domain/errors';
import { listenProblem } from '../../domain/gateway-policy';
import {
  GATEWAY_GRACE_MS,
  IDLE_CONNECTION_MS,
  MAX_HEADER_BYTES,
  REQUEST_HEADERS_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
} from '../../domain/limits';
import { hasCode } from '../../durable-file';
import { answerJson } from './answer';
import { allowOrigin, answerOptions } from './cors';
import { type FrontContext } from './front-context';
import { ignoreUpgrade, isForWebSocket } from './ignore-upgrade';
import { Guard, type GuardOptions } from './guard';
import { badRequest, refusalOf } from './refusal';
import { METHODS, routeOf } from './route';
import { SseEndpoint } from './sse';
import { answerFailure, serveStreamable } from './streamable';
import { Usage } from './usage';
import { refuseUpgrade, WebSocketEndpoint } from './websocket';

/** How often connections are looked at that had requests in flight when the front was closed. */
const CLOSE_IDLE_INTERVAL_MS = 50;

export interface FrontOptions
  extends
    Pick<FrontContext, 'eras' | 'policy' | 'logger'>,
    Pick<GuardOptions, 'principal' | 'localKey'> {
  host: string;
  /** 0 is any free one. */
  port: number;
  /** Milliseconds; for tests. */
  timeouts?: { headers: number; request: number; check: number };
}

/** Everything between the sockets and the eras. */
export interface Front {
  /** For a server of somebody else, with `upgrade`: serves every path that `routeOf` knows, 404 to others. */
  readonly request: RequestListener;
  readonly upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  readonly usage: Usage;
  /** @throws MainspringError KEYS_MISSING, PORT_TAKEN */
  listen(): Promise<AddressInfo>;
  /** Where it listens; undefined when it does not. */
  readonly address: AddressInfo | undefined;
  /** Takes nothing new, lets what is in flight end for `graceMs`, and ends the rest. */
  close(graceMs?: number): Promise<void>;
}

export function createFront(options: FrontOptions): Front {
  const { eras, policy, logger, principal, localKey, host, port } = options;
  const guard = new Guard({ policy, principal, ...(localKey && { localKey }), listensOn: host });
  const context: FrontContext = {
    eras,
    guard,
    usage: new Usage(),
    policy,
    logger,
    streams: new Set(),
  };
  const sse = new SseEndpoint(context);
  const webSockets = new WebSocketEndpoint(context);
  const request: RequestListener = (incoming, response) => {
    serve(context, sse, incoming, response).catch((error: unknown) =>
      answerFailure(context, response, error),
    );
  };
  const upgrade: Front['upgrade'] = (incoming, socket, head) => {
    if (!isForWebSocket(incoming)) return ignoreUpgrade(server, incoming, socket, head);
    socket.on('error', () => socket.destroy());
    serveUpgrade(context, webSockets, incoming, socket, head).catch((error: unknown) =>
      refuseUpgrade(socket, refusalOf(error)),
    );
  };
  const server = createHttpServer(options).on('request', request).on('upgrade', upgrade);
  return {
    ...{ request, upgrade, usage: context.usage },
    get address() {
      return addressOf(server);
    },
    async listen() {
      const problem = listenProblem(policy(), host);
      if (problem !== undefined) throw new MainspringError('KEYS_MISSING', problem);
      return listenOn(server, host, port);
    },
    close: (graceMs = GATEWAY_GRACE_MS) => closeServer(server, context, webSockets, graceMs),
  };
}

async function serve(
  context: FrontContext,
  sse: SseEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { url = '', method = '' } = request;
  const route = routeOf(url);
  const methods = route ? METHODS[route.kind] : [];
  const isKnown = methods.includes(method);
  if (route?.kind === 'health' && isKnown) return answerJson(response, 200, { status: 'ok' });
  context.guard.checkSource(request);
  allowOrigin(request, response);
  if (!route) throw badRequest(404, `There is nothing at ${url.split('?', 1).join()}: use /mcp.`);
  if (method === 'OPTIONS') return answerOptions(request, response, methods);
  if (!isKnown || route.kind === 'health') {
    const headers = { Allow: [...methods, 'OPTIONS'].join(', ') };
    throw badRequest(405, `${method} is not possible here.`, { headers });
  }
  const identity = context.guard.identify(request, route.scope);
  switch (route.kind) {
    case 'streamable':
      return serveStreamable(context, request, response, identity);
    case 'sse':
      return sse.open(request, response, identity);
    case 'messages':
      return sse.receive(request, response, identity);
    case 'websocket':
      throw badRequest(426, 'This address is for WebSockets.', {
        headers: { Upgrade: 'websocket' },
      });
  }
}

async function serveUpgrade(
  { guard }: FrontContext,
  webSockets: WebSocketEndpoint,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  guard.checkSource(request);
  const route = routeOf(request.url ?? '');
  if (route?.kind !== 'websocket')
    throw badRequest(404, 'There is no WebSocket here: use /mcp/ws.');
  await webSockets.upgrade(request, socket, head, guard.identify(request, route.scope));
}

function createHttpServer({ policy, timeouts }: FrontOptions): Server {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: timeouts?.headers ?? REQUEST_HEADERS_TIMEOUT_MS,
    requestTimeout: timeouts?.request ?? REQUEST_TIMEOUT_MS,
    ...(timeouts && { connectionsCheckingInterval: timeouts.check }),
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAlive: true,
  });
  server.prependListener('connection', () => {
    server.maxConnections = policy().limits.connections; // for those after this one
  });
  server.maxConnections = policy().limits.connections;
  return server;
}

function listenOn(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      const message = `The gateway cannot listen on ${host}:${port}: ${error.message}`;
      const code = hasCode(error, 'EADDRINUSE') ? 'PORT_TAKEN' : 'START_FAILED';
      reject(new MainspringError(code, message, { cause: error }));
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      const address = addressOf(server);
      if (address) resolve(address);
    });
  });
}

function addressOf(server: Server): AddressInfo | undefined {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address : undefined;
}

async function closeServer(
  server: Server,
  { streams }: FrontContext,
  webSockets: WebSocketEndpoint,
  graceMs: number,
): Promise<void> {
  for (const stream of streams) stream.end();
  if (!server.listening) return webSockets.close(true); // the server is somebody else's
  const closed = new Promise((resolve) => server.close(resolve));
  const closeIdle = setInterval(() => {
    webSockets.close(false);
    server.closeIdleConnections();
  }, CLOSE_IDLE_INTERVAL_MS);
  const force = setTimeout(() => {
    webSockets.close(true);
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearInterval(closeIdle);
  clearTimeout(force);
}
