import { type ServerInterest } from '../src/domain/socket-frames';
import { type HostNotice, type NoticeBoard } from './server-notices';

/** Levels of MCP log messages, the most talkative first. */
const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

interface Listener {
  onNotice: (notice: HostNotice) => void;
  wants: ReadonlyMap<string, ServerInterest>;
}

interface Follower {
  server: string;
  onInterest: (interest: ServerInterest) => void;
  /** What it was told last. */
  told: string;
}

/** Hands what the servers of this host say to those who listen, and to the servers what these want to hear. */
export function createNoticeBoard(): NoticeBoard {
  const listeners = new Set<Listener>();
  const followers = new Set<Follower>();
  const update = (follower: Follower) => {
    const interest = unitedInterest(follower.server, listeners);
    const text = JSON.stringify(interest);
    if (text === follower.told) return;
    follower.told = text;
    follower.onInterest(interest);
  };
  return {
    tell(notice) {
      for (const { onNotice } of listeners) onNotice(notice);
    },
    listen(onNotice) {
      const listener: Listener = { onNotice, wants: new Map() };
      listeners.add(listener);
      return {
        want(servers) {
          listener.wants = new Map(Object.entries(servers));
          followers.forEach(update);
        },
        close() {
          listeners.delete(listener);
          followers.forEach(update);
        },
      };
    },
    follow(server, onInterest) {
      const follower: Follower = { server, onInterest, told: JSON.stringify(NOTHING) };
      followers.add(follower);
      update(follower);
      return () => void followers.delete(follower);
    },
  };
}

const NOTHING: ServerInterest = { resources: [] };

function unitedInterest(server: string, listeners: ReadonlySet<Listener>): ServerInterest {
  const wanted = [...listeners].flatMap(({ wants }) => wants.get(server) ?? []);
  const resources = [...new Set(wanted.flatMap((interest) => interest.resources))].sort();
  const levels = wanted.flatMap(({ logLevel }) => LOG_LEVELS.indexOf(logLevel ?? ''));
  const lowest = Math.min(...levels.filter((level) => level !== -1));
  const logLevel = LOG_LEVELS[lowest];
  return { resources, ...(logLevel && { logLevel }) };
}
