import { type RequestFromSession } from '../calls/live-calls';
import { type DuplexEra, type HttpEra } from '../http/contract';
import { type LegacyContext, type LegacyDeps } from './context';
import { createDuplexEra } from './duplex-era';
import { createHttpEra } from './http-era';
import { declinedFor } from '../../domain/calls/input-request-permission';
import { ListChanges } from './list-changes';
import { type LiveSession } from './live-session';
import { ServerNews } from './server-notifications';
import { Sessions } from './sessions';

/** Clients of 2024-10-07 to 2025-11-25. */
export interface LegacyEra extends HttpEra, DuplexEra {
  /** Asks the client of a session; undefined when there is no such session. */
  askSession: RequestFromSession;
  /** What it holds at the moment. */
  usage(): LegacyUsage;
  /** Forgets sessions that nobody may use any more: their key was taken away. */
  dismiss: Sessions['dismiss'];
  /** Leaves everything to the next process: streams end, and clients come back to it. */
  close(): void;
}

interface LegacyUsage {
  /** Sessions with something in memory. */
  live: number;
  /** Requests under way. */
  exchanges: number;
  /** Streams and connections that clients listen on. */
  channels: number;
  asks: number;
}

export function createLegacyEra(deps: LegacyDeps): LegacyEra {
  const sessions = new Sessions(deps.store, deps.key, deps.times);
  const news = new ServerNews({ ...deps, sessions });
  const lists = new ListChanges({ ...deps, sessions });
  const context: LegacyContext = {
    ...deps,
    sessions,
    lists,
    listenersChanged: () => news.listenersChanged(),
  };
  return {
    ...createHttpEra(context),
    ...createDuplexEra(context),
    askSession: (id, ask, signal) => requestFromSession(context, id, ask, signal),
    usage: () => usageOf(sessions),
    dismiss(isKnown) {
      sessions.dismiss(isKnown);
      news.listenersChanged();
    },
    close() {
      news.close();
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
    return declined ?? (await session.ask(ask, signal));
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
