import { type Insertable, type Kysely, type Selectable } from 'kysely';
import { type ServerEvent, type StoredEvent } from '../domain/events';
import { inChunks } from './chunks';
import { type EventRow, type Tables } from './schema';
import { type EventLog } from './store';

export function createEventLog(db: Kysely<Tables>): EventLog {
  return {
    async append(events) {
      await inChunks(db, events.map(toRow), (connection, rows) =>
        connection
          .insertInto('events')
          .values(rows)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute(),
      );
    },

    async list({ server, after, limit }) {
      let query = db.selectFrom('events').selectAll().limit(limit);
      if (server !== undefined) query = query.where('server', '=', server);
      if (after !== undefined) {
        const rows = await query.where('position', '>', after).orderBy('position').execute();
        return rows.map(fromRow);
      }
      const newest = await query.orderBy('position', 'desc').execute();
      return newest.reverse().map(fromRow);
    },

    async clear(server) {
      let query = db.deleteFrom('events');
      if (server !== undefined) query = query.where('server', '=', server);
      const { numDeletedRows } = await query.executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function toRow(event: ServerEvent): Insertable<EventRow> {
  return {
    id: event.id,
    server: event.server,
    at_ms: event.atMs,
    kind: event.kind,
    from_state: event.from ?? null,
    to_state: event.to ?? null,
    reason: event.reason,
    actor: event.actor,
    correlation_id: event.correlationId ?? null,
    generation: event.generation ?? null,
    health_from: event.healthFrom ?? null,
    health_to: event.healthTo ?? null,
  };
}

function fromRow(row: Selectable<EventRow>): StoredEvent {
  return {
    position: row.position,
    id: row.id,
    server: row.server,
    atMs: row.at_ms,
    kind: row.kind,
    ...(row.from_state !== null && { from: row.from_state }),
    ...(row.to_state !== null && { to: row.to_state }),
    reason: row.reason,
    actor: row.actor,
    ...(row.correlation_id !== null && { correlationId: row.correlation_id }),
    ...(row.generation !== null && { generation: row.generation }),
    ...(row.health_from !== null && { healthFrom: row.health_from }),
    ...(row.health_to !== null && { healthTo: row.health_to }),
  };
}
