import { type Kysely } from 'kysely';
import { type GatewaySession } from '../domain/endpoint/gateway-session';
import { type GatewaySessionRow, type Tables } from './schema';
import { type GatewaySessionStore } from './store';
import { type JsonObject } from '../base/json';

export function createGatewaySessions(db: Kysely<Tables>): GatewaySessionStore {
  return {
    async add(session) {
      await db.insertInto('gateway_sessions').values(toRow(session)).execute();
    },

    async get(id) {
      const row = await db
        .selectFrom('gateway_sessions')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async update(session) {
      const { id, ...changed } = toRow(session);
      await db.updateTable('gateway_sessions').set(changed).where('id', '=', id).execute();
    },

    async touch(ids, atMs) {
      if (ids.length === 0) return;
      await db
        .updateTable('gateway_sessions')
        .set({ seen_at_ms: atMs })
        .where('id', 'in', ids)
        .execute();
    },

    async remove(id) {
      await db.deleteFrom('gateway_sessions').where('id', '=', id).execute();
    },

    async oldest(principal, limit) {
      const rows = await db
        .selectFrom('gateway_sessions')
        .select('id')
        .where('principal', '=', principal)
        .orderBy('seen_at_ms')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    async count(principal) {
      const { count } = await db
        .selectFrom('gateway_sessions')
        .select(({ fn }) => fn.countAll().as('count'))
        .$if(principal !== undefined, (query) => query.where('principal', '=', principal ?? ''))
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async removeUnseenSince(atMs) {
      const { numDeletedRows } = await db
        .deleteFrom('gateway_sessions')
        .where('seen_at_ms', '<', atMs)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function toRow(session: GatewaySession): GatewaySessionRow {
  return {
    id: session.id,
    principal: session.principal,
    scope: session.scope,
    protocol_version: session.protocolVersion,
    client_info: JSON.stringify(session.clientInfo),
    capabilities: JSON.stringify(session.capabilities),
    log_level: session.logLevel ?? null,
    subscriptions: JSON.stringify(session.subscriptions),
    created_at_ms: session.createdAtMs,
    seen_at_ms: session.seenAtMs,
  };
}

function fromRow(row: GatewaySessionRow): GatewaySession {
  return {
    id: row.id,
    principal: row.principal,
    scope: row.scope,
    protocolVersion: row.protocol_version,
    clientInfo: JSON.parse(row.client_info) as JsonObject,
    capabilities: JSON.parse(row.capabilities) as JsonObject,
    ...(row.log_level !== null && { logLevel: row.log_level }),
    subscriptions: JSON.parse(row.subscriptions) as string[],
    createdAtMs: row.created_at_ms,
    seenAtMs: row.seen_at_ms,
  };
}
