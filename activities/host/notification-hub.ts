import { unitedInterest } from '../../src/domain/catalogue/server-interest';
import { type ServerInterest } from '../../src/domain/hosts/socket-frames';
import { type HostNotification, type NotificationHub } from './server-notifications';

interface Listener {
  onNotice: (notice: HostNotification) => void;
  wants: ReadonlyMap<string, ServerInterest>;
}

interface Follower {
  server: string;
  onInterest: (interest: ServerInterest) => void;
  /** JSON of the interest that it got last. */
  told: string;
}

/** Passes the notifications of this host's servers to subscribers, and the interests of subscribers to the servers. */
export function createNotificationHub(): NotificationHub {
  const listeners = new Set<Listener>();
  const followers = new Set<Follower>();
  const update = (follower: Follower) => {
    const wanted = [...listeners].flatMap(({ wants }) => wants.get(follower.server) ?? []);
    const interest = unitedInterest(wanted);
    const text = JSON.stringify(interest);
    if (text === follower.told) return;
    follower.told = text;
    follower.onInterest(interest);
  };
  return {
    publish(notice) {
      for (const { onNotice } of listeners) onNotice(notice);
    },
    subscribe(onNotice) {
      const listener: Listener = { onNotice, wants: new Map() };
      listeners.add(listener);
      return {
        setInterests(servers) {
          listener.wants = new Map(Object.entries(servers));
          followers.forEach(update);
        },
        close() {
          listeners.delete(listener);
          followers.forEach(update);
        },
      };
    },
    followInterest(server, onInterest) {
      const follower: Follower = { server, onInterest, told: JSON.stringify(NOTHING) };
      followers.add(follower);
      update(follower);
      return () => void followers.delete(follower);
    },
  };
}

const NOTHING: ServerInterest = { resources: [] };
