import { percentile } from '../base/percentile';
import { type Kysely, sql } from 'kysely';
import {
  type CallStats,
  type CountedEnds,
  figuresOf,
  noCalls,
  type ToolStats,
} from '../domain/calls/call-stats';
import { type Outcome } from '../domain/calls/calls';
import { type ErrorReport } from '../base/errors';
import { type CallRow, type Tables } from './schema';

/** Number of the newest answers that percentiles are computed from. */
const SAMPLE = 1_000;
const ANSWERED = ['ok', 'tool_error'] as const satisfies Outcome[];

/** Returns the figures of one server, or of each that has calls in the index. Every query is answered from an index alone. */
export async function callStats(
  db: Kysely<Tables>,
  { server, sinceMs }: { server?: string; sinceMs: number },
): Promise<CallStats[]> {
  const servers = server === undefined ? await serversWithCalls(db) : [server];
  const stats: CallStats[] = [];
  for (const name of servers) stats.push(await statsOf(db, name, sinceMs));
  return stats;
}

/** Returns the servers by moving from one name to the next in the index: `distinct` would read every call. */
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
  const ends = await countEnds(db, server, sinceMs);
  const stats = { ...noCalls(server, sinceMs), ...figuresOf(ends), tools: byTool(ends) };
  for (const { outcome, errorClass, path, calls, sent, attempts } of ends) {
    stats.paths[path] += calls;
    stats.retries += attempts - sent;
    stats.outcomes[outcome] += calls;
    if (errorClass === null) continue;
    const before = stats.errors[errorClass];
    const last = before ?? (await lastErrorOf(db, server, errorClass));
    stats.errors[errorClass] = { ...last, count: calls + (before?.count ?? 0) };
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

function byTool(ends: readonly ToolEnds[]): ToolStats[] {
  const tools = [...new Set(ends.map(({ tool }) => tool))].sort();
  return tools.map((tool) => ({
    tool,
    ...figuresOf(ends.filter((end) => end.tool === tool)),
  }));
}

interface ToolEnds extends CountedEnds {
  tool: string;
  errorClass: CallRow['error_class'];
}

async function countEnds(db: Kysely<Tables>, server: string, sinceMs: number): Promise<ToolEnds[]> {
  const rows = await db
    .selectFrom('calls')
    .select(['tool', 'status', 'error_class', 'path'])
    .select(({ fn }) => [
      fn.countAll<number>().as('calls'),
      fn.max('ended_at_ms').as('last_at_ms'),
      sql<number>`sum(case when attempts > 0 then 1 else 0 end)`.as('sent'),
      sql<number>`coalesce(sum(attempts), 0)`.as('attempts'),
      sql<number>`coalesce(sum(cache_miss), 0)`.as('cache_misses'),
    ])
    .where('server', '=', server)
    .where('ended_at_ms', '>=', sinceMs)
    .groupBy(['tool', 'status', 'error_class', 'path'])
    .execute();
  return rows.flatMap(({ tool, status, error_class, path, ...counted }) => {
    if (status === 'queued' || status === 'running') return [];
    return {
      tool,
      outcome: status,
      errorClass: error_class,
      path: path ?? 'durable',
      calls: Number(counted.calls),
      sent: Number(counted.sent),
      attempts: Number(counted.attempts),
      cacheMisses: Number(counted.cache_misses),
      lastAtMs: Number(counted.last_at_ms),
    };
  });
}

async function lastErrorOf(
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
    .where('ran_ms', 'is not', null) // cached calls did not run
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
