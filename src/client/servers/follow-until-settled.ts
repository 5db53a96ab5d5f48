import { setTimeout as sleep } from 'node:timers/promises';
import { type Servers } from './servers';
import { type ServerState } from '../../domain/states';
import { type ServerSummary } from '../../domain/servers/status';
import { isPassing } from '../is-passing';

const POLL_MS = 100;
/** Longest wait: slower servers keep starting, and `list` shows them. An installation is awaited however long it takes. */
const LIMIT_MS = 60_000;
/** Time after which a server that is retried counts as settled, in ms: it may be retried forever. */
const AWAY_AFTER_MS = 5_000;

/**
 * Yields every server, or each of these names, when it reaches a state that it stays in, and once before that when it
 * is being installed.
 */
export async function* followUntilSettled(
  servers: Servers,
  interrupted: AbortSignal,
  names?: readonly string[],
): AsyncGenerator<ServerSummary> {
  const seen = new Set<string>();
  const installing = new Set<string>();
  const triedSince = new Map<string, number>();
  let giveUpAt = Date.now() + LIMIT_MS;
  for (;;) {
    const askedAt = performance.now();
    const all = await servers.list(names).catch(nothingYet);
    for (const server of all ?? []) {
      if (server.state === 'INSTALLING') {
        giveUpAt = Date.now() + LIMIT_MS;
        if (!installing.has(server.name)) yield server;
        installing.add(server.name);
      }
      const { name, state } = server;
      if (state !== 'BACKOFF') triedSince.delete(name);
      else if (!triedSince.has(name)) triedSince.set(name, askedAt);
      const isAway = askedAt - (triedSince.get(name) ?? askedAt) > AWAY_AFTER_MS;
      if (seen.has(name) || !(isSettled(server) || isAway)) continue;
      seen.add(name);
      yield server;
    }
    const isDone = all !== undefined && seen.size === all.length;
    if (isDone || interrupted.aborted || Date.now() > giveUpAt) return;
    // With many servers a poll takes longer: it must not keep them from starting.
    await sleep(Math.max(POLL_MS, performance.now() - askedAt));
  }
}

/** Counts an error as no servers yet: with many servers starting at once, the control worker may be too busy to answer. */
function nothingYet(error: unknown): undefined {
  if (!isPassing(error)) throw error;
}

const SETTLED: readonly ServerState[] = [
  ...(['RUNNING', 'STOPPED', 'ERROR', 'QUARANTINED', 'MAINTENANCE'] as const),
];

function isSettled({ state }: ServerSummary): boolean {
  return SETTLED.includes(state);
}
