import { pause } from '../../../async/pause';
import { type Servers } from '../../../client/servers/servers';
import { type Watched } from '../../../domain/programs/setup-result';
import { type ServerSummary } from '../../../domain/servers/status';

const POLL_MS = 1_000;

interface WatchOptions {
  names?: readonly string[] | undefined;
  seconds: number;
  signal: AbortSignal;
  /** Called with the first list, and for every server that has changed. */
  onList: (servers: ServerSummary[]) => void;
  onChange: (text: string) => void;
}

/** The step `monitor` of a setup: watches servers for a while, all or these names. */
export async function watchServers(
  servers: Pick<Servers, 'list'>,
  { names, seconds, signal, onList, onChange }: WatchOptions,
): Promise<Watched[]> {
  const endsAt = performance.now() + seconds * 1_000;
  let list = await servers.list(names);
  onList(list);
  let watched = list.map((server) => seenFirst(server));
  while (!signal.aborted && performance.now() < endsAt) {
    const pauseMs = Math.min(POLL_MS, Math.max(1, endsAt - performance.now()));
    await pause(pauseMs, signal); // Ctrl-C ends the watch
    const now = await servers.list(names);
    for (const change of changesOf(list, now)) onChange(change);
    watched = seenAgain(watched, list, now);
    list = now;
  }
  return watched;
}

/** Returns a line for each server that has changed. */
export function changesOf(
  before: readonly ServerSummary[],
  now: readonly ServerSummary[],
): string[] {
  const old = new Map(before.map((server) => [server.name, server]));
  const changed = now.flatMap((server) => {
    const previous = old.get(server.name);
    if (!previous) return [`${server.name}: new, ${server.state}`];
    const change = changeOf(previous, server);
    return change === undefined ? [] : [`${server.name}: ${change}`];
  });
  const names = new Set(now.map(({ name }) => name));
  const gone = before.filter(({ name }) => !names.has(name)).map(({ name }) => `${name}: removed`);
  return [...changed, ...gone];
}

function changeOf(before: ServerSummary, now: ServerSummary): string | undefined {
  const from = `${before.state} ${before.health}`;
  const to = `${now.state} ${now.health}`;
  if (from !== to) return `${from} → ${to} (${now.reason})`;
  if (before.pid !== now.pid) return `process replaced: ${now.reason}`;
  return undefined;
}

function seenFirst(server: ServerSummary): Watched {
  const { name, state, health } = server;
  return { name, state, health, healthy: isHealthy(server), changes: [] };
}

function seenAgain(
  watched: readonly Watched[],
  before: readonly ServerSummary[],
  now: readonly ServerSummary[],
): Watched[] {
  return now.map((server) => {
    const seen = watched.find(({ name }) => name === server.name) ?? seenFirst(server);
    const previous = before.find(({ name }) => name === server.name);
    const change = previous && changeOf(previous, server);
    const { state, health } = server;
    return {
      ...seen,
      state,
      health,
      healthy: bothHealthy(seen.healthy, isHealthy(server)),
      changes: change === undefined ? seen.changes : [...seen.changes, change],
    };
  });
}

/** Whether a server is healthy. A new process does not count as unhealthy before its first ping. */
function isHealthy({ state, health, enabled }: ServerSummary): boolean | null {
  if (!enabled || state === 'STOPPED') return null;
  return state === 'RUNNING' && (health === 'HEALTHY' || health === 'UNKNOWN');
}

function bothHealthy(before: boolean | null, now: boolean | null): boolean | null {
  if (before === false || now === false) return false;
  return before === null || now === null ? null : true;
}
