import { pause } from '../../../async/pause';
import { isPassing } from '../../../client/is-passing';
import { type Health, type ServerState } from '../../../domain/states';
import { timeText } from '../../text/health-text';
import { oneLine } from '../../text/one-line';

/** Result of one poll of the servers, or its error. */
export type ServerPoll<Server> = { atMs: number } & ({ servers: Server[] } | { missed: string });

/** Polls the servers until `signal` fires. An instance that is unavailable for a while does not end it. */
export async function* pollServers<Server>(
  look: () => Promise<Server[]>,
  intervalMs: number,
  signal: AbortSignal,
): AsyncGenerator<ServerPoll<Server>> {
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      const servers = await look();
      yield { atMs: Date.now(), servers };
    } catch (error) {
      if (!isPassing(error)) throw error;
      yield { atMs: Date.now(), missed: error.message };
    }
    const restMs = Math.max(0, intervalMs - (performance.now() - startedAt));
    await pause(restMs, signal); // the user has had enough
  }
}

interface Condition {
  state: ServerState;
  health: Health;
  /** Other reasons that keep calls from it; absent where they are not watched. */
  marks?: readonly string[];
}

/** State of one server at one poll. */
export interface Seen extends Condition {
  server: string;
  reason: string;
}

/** Change of a server; `from` is null when it is new. */
export interface Change {
  atMs: number;
  server: string;
  from: Condition | null;
  /** Null when it is not there anymore. */
  to: Condition | null;
  reason: string;
}

export function changesBetween(
  before: readonly Seen[],
  now: readonly Seen[],
  atMs: number,
): Change[] {
  const old = new Map(before.map((one) => [one.server, one]));
  const names = new Set(now.map(({ server }) => server));
  const changed = now.flatMap((one): Change[] => {
    const previous = old.get(one.server);
    if (previous && conditionText(previous) === conditionText(one)) return [];
    const { server, reason } = one;
    return [{ atMs, server, from: previous ? brief(previous) : null, to: brief(one), reason }];
  });
  const gone = before
    .filter(({ server }) => !names.has(server))
    .map((one): Change => {
      return { atMs, server: one.server, from: brief(one), to: null, reason: 'removed' };
    });
  return [...changed, ...gone];
}

/** `2026-11-21 18:03:04Z files RUNNING HEALTHY → RUNNING DEGRADED: ping failed` */
export function changeText({ atMs, server, from, to, reason }: Change): string {
  const words = (one: Condition | null) => (one ? conditionText(one) : 'gone');
  const change = from ? `${words(from)} → ${words(to)}` : words(to);
  return `${timeText(atMs)} ${server} ${change}: ${oneLine(reason)}`;
}

function conditionText({ state, health, marks = [] }: Condition): string {
  return [`${state} ${health}`, ...marks].join(', ');
}

function brief({ state, health, marks }: Seen): Condition {
  return { state, health, ...(marks && { marks }) };
}
