import { type RequestFromSession } from '../calls/waiting-requests';
import { type DuplexEra, type HttpEra } from '../http/contract';
import { type LegacyContext, type LegacyDeps } from './context';
import { createDuplexEra } from './duplex-era';
import { createHttpEra } from './http-era';
import { declinedFor } from '../../domain/calls/input-request-permission';
import { ListChanges } from './list-changes';
import { type LiveSession } from './live-session';
import { ServerNotifications } from './server-notifications';
import { Sessions } from './sessions';

/** Serves clients of 2024-10-07 to 2025-11-25. */
export interface LegacyEra extends HttpEra, DuplexEra {
  /** Sends an input request to the client of a session; undefined if there is no such session. */
  requestFromSession: RequestFromSession;
  /** Returns what the era currently holds. */
  usage(): LegacyUsage;
  /** Drops sessions whose principal is no longer admitted because its key was removed. */
  dismiss: Sessions['dismiss'];
  /** Leaves everything to the next process: streams end, and clients reconnect to it. */
  close(): void;
}

interface LegacyUsage {
  /** Sessions with data in memory. */
  live: number;
  /** Requests in progress. */
  exchanges: number;
  /** Streams and connections that clients listen on. */
  channels: number;
  asks: number;
}

export function createLegacyEra(deps: LegacyDeps): LegacyEra {
  const sessions = new Sessions(deps.store, deps.key, deps.times);
  const notifications = new ServerNotifications({ ...deps, sessions });
  const lists = new ListChanges({ ...deps, sessions });
  const context: LegacyContext = {
    ...deps,
    sessions,
    lists,
    listenersChanged: () => notifications.listenersChanged(),
  };
  return {
    ...createHttpEra(context),
    ...createDuplexEra(context),
    requestFromSession: (id, ask, signal) => requestFromSession(context, id, ask, signal),
    usage: () => usageOf(sessions),
    dismiss(isKnown) {
      sessions.dismiss(isKnown);
      notifications.listenersChanged();
    },
    close() {
      notifications.close();
      lists.close();
      sessions.close();
    },
  };
}

async function requestFromSession(
  { sessions }: LegacyContext,
  ...[id, ask, signal]: Parameters<RequestFromSession>
): ReturnType<RequestFromSession> {
  const session = await sessions.restore(id);
  if (!session) return undefined;
  try {
    const declined = declinedFor(ask, session.record.capabilities);
    return declined ?? (await session.requestInput(ask, signal));
  } finally {
    sessions.release(session);
  }
}

function usageOf({ live }: Sessions): LegacyUsage {
  const sum = (count: (session: LiveSession) => number) =>
    live.reduce((total, session) => total + count(session), 0);
  return {
    live: live.length,
    exchanges: sum(({ exchanges }) => exchanges.size),
    channels: sum(({ channels }) => channels),
    asks: sum(({ asks }) => asks.size),
  };
}
