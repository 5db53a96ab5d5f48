import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Duplex as Socket } from 'node:stream';
import { MainspringError } from '../../base/errors';
import { listenProblem } from '../../domain/endpoint/gateway-policy';
import { answerJson } from './answer';
import { allowOrigin, answerOptions } from './cors';
import { type FrontContext } from './front-context';
import { Guard, type GuardOptions, type RequestSource } from './guard';
import {
  addressOf,
  closeServers,
  createHttpServer,
  listenOn,
  type RequestTimeouts,
} from './http-servers';
import { ignoreUpgrade, isForWebSocket } from './ignore-upgrade';
import { badRequest, refusalOf } from './refusal';
import { METHODS, routeOf } from './route';
import { SseEndpoint } from './sse';
import { answerFailure, serveStreamable } from './streamable';
import { Visitors } from './visitors';
import { refuseUpgrade, WebSocketEndpoint } from './websocket';

/** Grace period for requests in flight when the gateway stops. */
const GATEWAY_GRACE_MS = 5_000;

export interface FrontOptions
  extends
    Pick<FrontContext, 'eras' | 'policy' | 'logger' | 'usage'>,
    Pick<GuardOptions, 'principal'> {
  host: string;
  /** 0 picks a free port. */
  port: number;
  timeouts?: RequestTimeouts;
}

/**
 * Listeners for an HTTP server of the caller: they serve every path that `routeOf` knows, and 404
 * for others.
 */
interface Listeners {
  readonly request: RequestListener;
  readonly upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
}

/** Layer between the sockets and the eras. */
export interface Front extends Listeners, Pick<Guard, 'knows'> {
  /** @throws MainspringError KEYS_MISSING, PORT_TAKEN, START_FAILED */
  listen(): Promise<AddressInfo>;
  /**
   * Also listens on a Unix socket. Its clients need no key and are the local principal, so no one
   * else may have access to it.
   *
   * @throws MainspringError PORT_TAKEN, START_FAILED
   */
  listenOnSocket(path: string): Promise<void>;
  /** Address of the port; undefined while it does not listen. */
  readonly address: AddressInfo | undefined;
  /** Disconnects clients that the changed policy no longer admits. */
  policyChanged(): void;
  /** Accepts nothing new, gives requests in flight `graceMs` to end, and ends the rest. */
  close(graceMs?: number): Promise<void>;
}

export function createFront(options: FrontOptions): Front {
  const { eras, policy, logger, usage, principal, host, port, timeouts } = options;
  const guard = new Guard({ policy, principal, listensOn: host });
  const visitors = new Visitors(guard);
  const context: FrontContext = {
    eras,
    guard,
    visitors,
    usage,
    policy,
    logger,
    streams: new Set(),
  };
  const sse = new SseEndpoint(context);
  const webSockets = new WebSocketEndpoint(context);
  const create = (way: RequestSource) => {
    const server = createHttpServer(policy, timeouts);
    const { request, upgrade } = listenersOf(context, { sse, webSockets, way, server });
    return server.on('request', request).on('upgrade', upgrade);
  };
  const [network, local] = [create('network'), create('socket')];
  return {
    ...listenersOf(context, { sse, webSockets, way: 'network', server: network }),
    knows: (who) => guard.knows(who),
    get address() {
      return addressOf(network);
    },
    async listen() {
      const problem = listenProblem(policy(), host);
      if (problem !== undefined) throw new MainspringError('KEYS_MISSING', problem);
      await listenOn(network, { host, port });
      return addressOf(network) ?? { address: host, port, family: '' };
    },
    listenOnSocket: (path) => listenOn(local, { path }),
    policyChanged: () => visitors.recheck(),
    async close(graceMs = GATEWAY_GRACE_MS) {
      for (const stream of context.streams) stream.end();
      const ours = [network, local].filter((server) => server.listening);
      if (ours.length === 0) return webSockets.close(true); // the caller owns the server
      await closeServers(ours, graceMs, (force) => webSockets.close(force));
    },
  };
}

interface Endpoints {
  sse: SseEndpoint;
  webSockets: WebSocketEndpoint;
  way: RequestSource;
  /** Server that handles requests again whose upgrade to another protocol is ignored. */
  server: Server;
}

function listenersOf(context: FrontContext, endpoints: Endpoints): Listeners {
  return {
    request(request, response) {
      // A client may disconnect at any time; unread data is dropped.
      request.on('error', () => undefined);
      response.on('error', () => response.destroy());
      serve(context, endpoints, request, response)
        .catch((error: unknown) => answerFailure(context, response, error))
        .catch(() => response.destroy());
    },
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      if (!isForWebSocket(request)) {
        return ignoreUpgrade(endpoints.server, request, socket, head);
      }
      serveUpgrade(context, endpoints, request, socket, head).catch((error: unknown) =>
        refuseUpgrade(socket, refusalOf(error)),
      );
    },
  };
}

async function serve(
  context: FrontContext,
  { sse, way }: Endpoints,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { url = '', method = '' } = request;
  const route = routeOf(url);
  const methods = route ? METHODS[route.kind] : [];
  const isKnown = methods.includes(method);
  if (route?.kind === 'health' && isKnown) return answerJson(response, 200, { status: 'ok' });
  context.guard.checkSource(request.headers);
  allowOrigin(request, response);
  if (!route) throw badRequest(404, `${url.split('?', 1).join()} does not exist: use /mcp.`);
  if (method === 'OPTIONS') return answerOptions(request, response, methods);
  if (!isKnown || route.kind === 'health') {
    const headers = { Allow: [...methods, 'OPTIONS'].join(', ') };
    throw badRequest(405, `${method} is not allowed here.`, { headers });
  }
  const visit = context.visitors.enter(request, route.scope, way);
  response.once('close', () => visit.leave());
  switch (route.kind) {
    case 'streamable':
      return serveStreamable(context, request, response, visit);
    case 'sse':
      return sse.open(request, response, visit);
    case 'messages':
      return sse.receive(request, response, visit);
    case 'websocket':
      throw badRequest(426, 'This endpoint only accepts WebSocket connections.', {
        headers: { Upgrade: 'websocket' },
      });
  }
}

async function serveUpgrade(
  { guard, visitors }: FrontContext,
  { webSockets, way }: Endpoints,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  guard.checkSource(request.headers);
  const route = routeOf(request.url ?? '');
  if (route?.kind !== 'websocket')
    throw badRequest(404, 'This endpoint does not accept WebSocket connections: use /mcp/ws.');
  const visit = visitors.enter(request, route.scope, way);
  socket.once('close', () => visit.leave());
  await webSockets.upgrade(request, socket, head, visit);
}
