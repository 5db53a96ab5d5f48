import { type Kysely } from 'kysely';
import { type CallRecord } from '../domain/calls/calls';
import { type ErrorReport } from '../base/errors';
import { callStats } from './call-stats';
import { inChunks } from './chunks';
import { type CallRow, type Tables } from './schema';
import { type CallIndex } from './store';

const UNFINISHED = ['queued', 'running'] as const satisfies CallRecord['status'][];

export function createCallIndex(db: Kysely<Tables>): CallIndex {
  return {
    async put(records) {
      await inChunks(db, records.map(toRow), upsert);
    },

    async get(callId) {
      const row = await db
        .selectFrom('calls')
        .selectAll()
        .where('call_id', '=', callId)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async list({ server, limit }) {
      let query = db
        .selectFrom('calls')
        .selectAll()
        .orderBy('submitted_at_ms', 'desc')
        .limit(limit);
      if (server !== undefined) query = query.where('server', '=', server);
      return (await query.execute()).map(fromRow);
    },

    stats: (query) => callStats(db, query),

    async removeOlderThan(ageMs) {
      const { numDeletedRows } = await db
        .deleteFrom('calls')
        .where('submitted_at_ms', '<', Date.now() - ageMs)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

async function upsert(db: Kysely<Tables>, rows: readonly CallRow[]): Promise<void> {
  await db
    .insertInto('calls')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('call_id')
        .doUpdateSet((row) => ({
          server: row.ref('excluded.server'),
          tool: row.ref('excluded.tool'),
          principal: row.ref('excluded.principal'),
          correlation_id: row.ref('excluded.correlation_id'),
          status: row.ref('excluded.status'),
          submitted_at_ms: row.ref('excluded.submitted_at_ms'),
          ended_at_ms: row.ref('excluded.ended_at_ms'),
          queued_ms: row.ref('excluded.queued_ms'),
          ran_ms: row.ref('excluded.ran_ms'),
          host: row.ref('excluded.host'),
          generation: row.ref('excluded.generation'),
          epoch: row.ref('excluded.epoch'),
          error: row.ref('excluded.error'),
          error_class: row.ref('excluded.error_class'),
          attempts: row.ref('excluded.attempts'),
          retried_ms: row.ref('excluded.retried_ms'),
          path: row.ref('excluded.path'),
          cache_miss: row.ref('excluded.cache_miss'),
        }))
        // Writers are not ordered: the submitter's `queued` may arrive after the host's outcome.
        .where((row) =>
          row.or([
            row('excluded.status', 'not in', UNFINISHED),
            row('calls.status', 'in', UNFINISHED),
          ]),
        ),
    )
    .execute();
}

function toRow(record: CallRecord): CallRow {
  return {
    call_id: record.callId,
    server: record.server,
    tool: record.tool,
    principal: record.principal,
    correlation_id: record.correlationId,
    status: record.status,
    submitted_at_ms: record.submittedAtMs,
    ended_at_ms: record.endedAtMs ?? null,
    queued_ms: record.queuedMs ?? null,
    ran_ms: record.ranMs ?? null,
    host: record.host ?? null,
    generation: record.generation ?? null,
    epoch: record.epoch ?? null,
    error: record.error ? JSON.stringify(record.error) : null,
    error_class: record.errorClass ?? null,
    attempts: record.attempts ?? null,
    retried_ms: record.retriedMs ?? null,
    path: record.path ?? null,
    cache_miss: record.cacheMiss ? 1 : null,
  };
}

function fromRow(row: CallRow): CallRecord {
  return {
    callId: row.call_id,
    server: row.server,
    tool: row.tool,
    principal: row.principal,
    correlationId: row.correlation_id,
    status: row.status,
    submittedAtMs: row.submitted_at_ms,
    ...(row.ended_at_ms !== null && { endedAtMs: row.ended_at_ms }),
    ...(row.queued_ms !== null && { queuedMs: row.queued_ms }),
    ...(row.ran_ms !== null && { ranMs: row.ran_ms }),
    ...(row.host !== null && { host: row.host }),
    ...(row.generation !== null && { generation: row.generation }),
    ...(row.epoch !== null && { epoch: row.epoch }),
    ...(row.error !== null && { error: JSON.parse(row.error) as ErrorReport }),
    ...(row.error_class !== null && { errorClass: row.error_class }),
    ...(row.attempts !== null && { attempts: row.attempts }),
    ...(row.retried_ms !== null && { retriedMs: row.retried_ms }),
    ...(row.path !== null && { path: row.path }),
    ...(row.cache_miss !== null && { cacheMiss: true as const }),
  };
}
