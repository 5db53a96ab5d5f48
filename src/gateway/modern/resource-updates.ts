import { type HostSockets } from '../../client/internal';
import { type ServerInterest } from '../../domain/hosts/socket-frames';

/** Notifies listeners when a server reports that a resource has changed. */
export interface ResourceUpdates {
  /** `original` is the server's own URI; returns a function that ends the watch. */
  watch(server: string, original: string, listener: () => void): () => void;
  close(): void;
}

const CONSUMER = 'modern clients';

/**
 * Watches resources through the hosts of this data directory: one subscription at a server serves
 * all clients here.
 */
export function createResourceUpdates(
  sockets: Pick<HostSockets, 'onNotice' | 'setInterest'>,
): ResourceUpdates {
  const watched = new Map<string, Map<string, Set<() => void>>>();
  const updateInterest = () => {
    const interests: Record<string, ServerInterest> = {};
    for (const [server, uris] of watched) interests[server] = { resources: [...uris.keys()] };
    sockets.setInterest(CONSUMER, interests);
  };
  const stop = sockets.onNotice((notice) => {
    if (notice.type !== 'notification' || notice.method !== 'notifications/resources/updated')
      return;
    const { uri } = notice.params;
    const listeners = typeof uri === 'string' ? watched.get(notice.server)?.get(uri) : undefined;
    for (const listener of listeners ?? []) listener();
  });
  return {
    watch(server, original, listener) {
      const uris = watched.get(server) ?? new Map<string, Set<() => void>>();
      const listeners = uris.get(original) ?? new Set();
      const own = () => listener(); // the same listener may watch twice
      watched.set(server, uris.set(original, listeners.add(own)));
      if (listeners.size === 1) updateInterest();
      return () => {
        if (!listeners.delete(own) || listeners.size > 0) return;
        uris.delete(original);
        if (uris.size === 0) watched.delete(server);
        updateInterest();
      };
    },
    close: stop,
  };
}
