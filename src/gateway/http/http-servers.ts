import { createServer, type Server, type ServerOptions } from 'node:http';
import { type AddressInfo, type ListenOptions } from 'node:net';
import { MainspringError } from '../../base/errors';
import { type GatewayPolicy } from '../../domain/endpoint/gateway-policy';
import { REQUEST_TIMEOUT_MS } from '../../domain/limits';
import { hasCode } from '../../base/durable-file';

/** Maximum size of all headers of one request. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Time limit for the headers of a request; a slower request is ended. */
const REQUEST_HEADERS_TIMEOUT_MS = 10_000;
/**
 * Idle connections stay open longer than those of usual clients and proxies, so that the clients
 * close them first.
 */
const IDLE_CONNECTION_MS = 75_000;

/** Timeouts in milliseconds; for tests. */
export interface RequestTimeouts {
  headers: number;
  request: number;
  check: number;
}

/** Creates a server that limits the cost of a client before any of its data is processed. */
export function createHttpServer(policy: () => GatewayPolicy, timeouts?: RequestTimeouts): Server {
  const options: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: timeouts?.headers ?? REQUEST_HEADERS_TIMEOUT_MS,
    requestTimeout: timeouts?.request ?? REQUEST_TIMEOUT_MS,
    ...(timeouts && { connectionsCheckingInterval: timeouts.check }),
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAlive: true,
  };
  const server = createServer(options);
  server.prependListener('connection', () => {
    server.maxConnections = policy().limits.connections; // applies to later connections
  });
  server.maxConnections = policy().limits.connections;
  return server;
}

/** @throws MainspringError PORT_TAKEN, START_FAILED */
export function listenOn(server: Server, address: ListenOptions): Promise<void> {
  const { path = `${address.host}:${address.port}` } = address;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      const message = `The gateway cannot listen on ${path}: ${error.message}`;
      const code = hasCode(error, 'EADDRINUSE') ? 'PORT_TAKEN' : 'START_FAILED';
      reject(new MainspringError(code, message, { cause: error }));
    };
    server.once('error', fail);
    server.listen(address, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/** Returns the address of a port; undefined while the server does not listen. */
export function addressOf(server: Server): AddressInfo | undefined {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address : undefined;
}

/** Interval at which a closing server closes connections whose requests have ended. */
const CLOSE_IDLE_INTERVAL_MS = 50;

/**
 * Accepts no more connections and waits for the open ones, at most `graceMs`.
 *
 * @param endOthers - ends connections that have left HTTP: the idle ones, or with `true` all
 */
export async function closeServers(
  servers: readonly Server[],
  graceMs: number,
  endOthers: (force: boolean) => void,
): Promise<void> {
  const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  const closeIdle = setInterval(() => {
    endOthers(false);
    for (const server of servers) server.closeIdleConnections();
  }, CLOSE_IDLE_INTERVAL_MS);
  const force = setTimeout(() => {
    endOthers(true);
    for (const server of servers) server.closeAllConnections();
  }, graceMs);
  await Promise.all(closed);
  clearInterval(closeIdle);
  clearTimeout(force);
}
