import { type Kysely } from 'kysely';
import { type GatewayTask } from '../domain/endpoint/gateway-task';
import { type GatewayTaskRow, type Tables } from './schema';
import { type GatewayTaskStore } from './store';

export function createGatewayTasks(db: Kysely<Tables>): GatewayTaskStore {
  return {
    async add(task) {
      await db
        .insertInto('gateway_tasks')
        .values(toRow(task))
        .onConflict((conflict) => conflict.column('task_id').doNothing())
        .execute();
    },

    async get(taskId) {
      const row = await db
        .selectFrom('gateway_tasks')
        .selectAll()
        .where('task_id', '=', taskId)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async list({ principal, scope, nowMs, after, limit }) {
      const rows = await db
        .selectFrom('gateway_tasks')
        .selectAll()
        .where('principal', '=', principal)
        .where('scope', '=', scope)
        .where('expires_at_ms', '>', nowMs)
        .$if(after !== undefined, (query) =>
          query.where((eb) => {
            const { createdAtMs = 0, taskId = '' } = after ?? {};
            const later = eb('created_at_ms', '>', createdAtMs);
            const same = eb('created_at_ms', '=', createdAtMs);
            return eb.or([later, eb.and([same, eb('task_id', '>', taskId)])]);
          }),
        )
        .orderBy('created_at_ms')
        .orderBy('task_id')
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },

    async cancelled(taskId, atMs) {
      await db
        .updateTable('gateway_tasks')
        .set({ cancelled_at_ms: atMs })
        .where('task_id', '=', taskId)
        .where('cancelled_at_ms', 'is', null)
        .execute();
    },

    async removeExpired(nowMs) {
      const { numDeletedRows } = await db
        .deleteFrom('gateway_tasks')
        .where('expires_at_ms', '<=', nowMs)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function toRow(task: GatewayTask): GatewayTaskRow {
  return {
    task_id: task.taskId,
    principal: task.principal,
    scope: task.scope,
    server: task.server,
    tool: task.tool,
    created_at_ms: task.createdAtMs,
    expires_at_ms: task.createdAtMs + task.ttlMs,
    cancelled_at_ms: task.cancelledAtMs ?? null,
  };
}

function fromRow(row: GatewayTaskRow): GatewayTask {
  return {
    taskId: row.task_id,
    principal: row.principal,
    scope: row.scope,
    server: row.server,
    tool: row.tool,
    createdAtMs: row.created_at_ms,
    ttlMs: row.expires_at_ms - row.created_at_ms,
    ...(row.cancelled_at_ms !== null && { cancelledAtMs: row.cancelled_at_ms }),
  };
}
