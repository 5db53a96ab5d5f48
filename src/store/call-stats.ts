import { percentile } from '../domain/percentile';
import { type Kysely, sql } from 'kysely';
import { type CallStats, noCalls } from '../domain/call-stats';
import { type Outcome } from '../domain/calls';
import { type ErrorReport } from '../domain/errors';
import { type CallRow, type Tables } from './schema';

/** Percentiles are those of so many of the newest answers. */
const SAMPLE = 1_000;
const ANSWERED = ['ok', 'tool_error'] as const satisfies Outcome[];

/** The figures of one server, or of each that has calls in the index. Every query is answered from an index alone. */
export async function callStats(
  db: Kysely<Tables>,
  { server, sinceMs }: { server?: string; sinceMs: number },
): Promise<CallStats[]> {
  const servers = server === undefined ? await serversWithCalls(db) : [server];
  const stats: CallStats[] = [];
  for (const name of servers) stats.push(await statsOf(db, name, sinceMs));
  return stats;
}

/** From one name to the next in the index: `distinct` would read every call. */
async function serversWithCalls(db: Kysely<Tables>): Promise<string[]> {
  const servers: string[] = [];
  for (let last = ''; ;) {
    const { next } = await db
      .selectFrom('calls')
      .select(({ fn }) => fn.min<string | null>('server').as('next'))
      .where('server', '>', last)
      .executeTakeFirstOrThrow();
    if (next === null) return servers;
    servers.push((last = next));
  }
}

async function statsOf(db: Kysely<Tables>, server: string, sinceMs: number): Promise<CallStats> {
  const stats = noCalls(server, sinceMs);
  for (const { status, error_class, path, calls, retries } of await countEnds(
    db,
    server,
    sinceMs,
  )) {
    if (status === 'queued' || status === 'running') continue;
    stats.calls += Number(calls);
    stats.paths[path ?? 'durable'] += Number(calls);
    stats.retries += Number(retries);
    stats.outcomes[status] += Number(calls);
    if (error_class === null) continue;
    const before = stats.errors[error_class];
    const last = before ?? (await lastOf(db, server, error_class));
    stats.errors[error_class] = { ...last, count: Number(calls) + (before?.count ?? 0) };
  }
  if (stats.calls === 0) return stats;
  return {
    ...stats,
    ...(await percentiles(db, server, sinceMs)),
    perSecond: {
      last10s: await rate(db, server, 10),
      last60s: await rate(db, server, 60),
    },
  };
}

function countEnds(db: Kysely<Tables>, server: string, sinceMs: number) {
  return db
    .selectFrom('calls')
    .select(({ fn }) => ['status', 'error_class', 'path', fn.countAll<number>().as('calls')])
    .select(sql<number>`coalesce(sum(attempts - 1), 0)`.as('retries'))
    .where('server', '=', server)
    .where('ended_at_ms', '>=', sinceMs)
    .groupBy(['status', 'error_class', 'path'])
    .execute();
}

async function lastOf(
  db: Kysely<Tables>,
  server: string,
  errorClass: NonNullable<CallRow['error_class']>,
): Promise<{ lastMessage: string; lastAtMs: number }> {
  const last = await db
    .selectFrom('calls')
    .select(['ended_at_ms', 'error'])
    .where('server', '=', server)
    .where('error_class', '=', errorClass)
    .orderBy('ended_at_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  const error = last?.error ? (JSON.parse(last.error) as ErrorReport) : undefined;
  return { lastMessage: error?.message ?? '', lastAtMs: Number(last?.ended_at_ms ?? 0) };
}

async function percentiles(
  db: Kysely<Tables>,
  server: string,
  sinceMs: number,
): Promise<Pick<CallStats, 'ranMsP50' | 'ranMsP95'>> {
  const rows = await db
    .selectFrom('calls')
    .select('ran_ms')
    .where('server', '=', server)
    .where('ended_at_ms', '>=', sinceMs)
    .where('status', 'in', ANSWERED)
    .where('ran_ms', 'is not', null) // what was cached did not run
    .orderBy('ended_at_ms', 'desc')
    .limit(SAMPLE)
    .execute();
  const sorted = rows.flatMap(({ ran_ms }) => (ran_ms === null ? [] : [ran_ms]));
  if (sorted.length === 0) return {};
  sorted.sort((a, b) => a - b);
  return { ranMsP50: percentile(sorted, 0.5), ranMsP95: percentile(sorted, 0.95) };
}

async function rate(db: Kysely<Tables>, server: string, seconds: number): Promise<number> {
  const { calls } = await db
    .selectFrom('calls')
    .select(({ fn }) => fn.countAll<number>().as('calls'))
    .where('server', '=', server)
    .where('ended_at_ms', '>=', Date.now() - seconds * 1_000)
    .executeTakeFirstOrThrow();
  return Number(calls) / seconds;
}
