import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { claimHostSocket } from '../../src/process/unix-socket';
import { type DirectCall } from '../calls/direct-call';
import { type NotificationSource } from './server-notifications';
import { SocketClient } from './socket-client';

/** Time that clients have to read what was sent to them, in ms. */
const CLOSE_GRACE_MS = 1_000;

export interface HostSocketDeps {
  home: string;
  hostId: string;
  notices: NotificationSource;
  callDirectly: DirectCall;
}

export interface HostSocket {
  /** Accepts no more clients, and disconnects the connected ones. */
  close(): Promise<void>;
}

/** Opens the Unix socket of a host: notifications of its servers go out, and direct calls come in. */
export async function openHostSocket(deps: HostSocketDeps): Promise<HostSocket> {
  const place = claimHostSocket(deps.home, deps.hostId);
  const clients = new Map<Socket, SocketClient>();
  const server = createServer((socket) => {
    const client = new SocketClient(socket, deps);
    clients.set(socket, client);
    socket.once('close', () => {
      clients.delete(socket);
      client.gone();
    });
    socket.on('error', () => undefined); // `close` follows
  });
  await listen(server, place.path);
  place.publish();
  return {
    async close() {
      place.remove();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of clients.values()) client.bye();
      await setImmediate(); // the last answers are passed on
      for (const socket of clients.keys()) socket.destroySoon();
      const late = setTimeout(
        () => [...clients.keys()].forEach((socket) => socket.destroy()),
        CLOSE_GRACE_MS,
      );
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
