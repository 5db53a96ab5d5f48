import { createServer, type Server } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type OpenPort, socketPort } from '../../src/process/frame-port';
import { localHosts } from '../../src/process/local-hosts';
import { claimHostSocket } from '../../src/process/unix-socket';
import { type ClientDeps, SocketClient } from './socket-client';

/** Time that clients have to read what was sent to them, in ms. */
const CLOSE_GRACE_MS = 1_000;

const LIMITS = {
  /** Longest frame to a host: arguments are bounded, and so are the interests of gateways. */
  maxFrameBytes: 4 * 1024 * 1024,
  /** Backlog of a client above which it gets no notifications and is not read from until it has caught up. */
  maxBacklogBytes: 4 * 1024 * 1024,
};

export interface HostSocketDeps extends ClientDeps {
  home: string;
  hostId: string;
}

export interface HostSocket {
  /** Accepts no more clients, and disconnects the connected ones. */
  close(): Promise<void>;
}

/**
 * Opens the Unix socket of a host: notifications of its servers go out, and direct calls come in. Clients in this process
 * do the same without the socket.
 */
export async function openHostSocket(deps: HostSocketDeps): Promise<HostSocket> {
  const { home, hostId } = deps;
  const place = claimHostSocket(home, hostId);
  const clients = new Set<SocketClient>();
  const accept = (open: OpenPort) => {
    const client: SocketClient = new SocketClient(open, deps, () => clients.delete(client));
    clients.add(client);
  };
  const server = createServer((socket) => accept(socketPort(socket, LIMITS)));
  await listen(server, place.path);
  const leave = localHosts.announce(home, hostId, accept);
  place.publish();
  return {
    async close() {
      place.remove();
      leave();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of clients) client.bye();
      await setImmediate(); // the last answers are passed on
      for (const client of clients) client.end();
      const late = setTimeout(() => {
        for (const client of clients) client.destroy();
      }, CLOSE_GRACE_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
