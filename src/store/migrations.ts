import { type Kysely, type Migration, Migrator } from 'kysely';
import { type Tables } from './schema';

/** Brings the tables up to date. Safe for several processes at once: the one that comes second finds it done. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw error instanceof Error ? error : new Error('The migration failed.', { cause: error });
}

/** Migrations in the order of their names. A released one never changes. */
const MIGRATIONS: Record<string, Migration> = {
  '001-events-calls-catalogues': {
    async up(db) {
      await db.schema
        .createTable('events')
        .addColumn('position', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('server', 'text', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('from_state', 'text')
        .addColumn('to_state', 'text')
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('correlation_id', 'text')
        .addColumn('generation', 'integer')
        .execute();
      await db.schema
        .createIndex('events_by_server')
        .on('events')
        .columns(['server', 'position'])
        .execute();

      await db.schema
        .createTable('calls')
        .addColumn('call_id', 'text', (column) => column.primaryKey())
        .addColumn('server', 'text', (column) => column.notNull())
        .addColumn('tool', 'text', (column) => column.notNull())
        .addColumn('principal', 'text', (column) => column.notNull())
        .addColumn('correlation_id', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('submitted_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('ended_at_ms', 'bigint')
        .addColumn('queued_ms', 'real')
        .addColumn('ran_ms', 'real')
        .addColumn('host', 'text')
        .addColumn('generation', 'integer')
        .addColumn('epoch', 'integer')
        .addColumn('error', 'text')
        .execute();
      await db.schema
        .createIndex('calls_by_server')
        .on('calls')
        .columns(['server', 'submitted_at_ms'])
        .execute();
      await db.schema.createIndex('calls_by_time').on('calls').column('submitted_at_ms').execute();

      await db.schema
        .createTable('catalogues')
        .addColumn('server', 'text', (column) => column.notNull())
        .addColumn('tools_hash', 'text', (column) => column.notNull())
        .addColumn('tools', 'text', (column) => column.notNull())
        .addColumn('listed_at_ms', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('catalogues_key', ['server', 'tools_hash'])
        .execute();
    },
  },
  '002-locks': {
    async up(db) {
      await db.schema
        .createTable('locks')
        .addColumn('digest', 'text', (column) => column.primaryKey())
        .addColumn('text', 'text', (column) => column.notNull())
        .addColumn('stored_at_ms', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '003-call-errors': {
    async up(db) {
      await db.schema.alterTable('calls').addColumn('error_class', 'text').execute();
      await db.schema.alterTable('calls').addColumn('attempts', 'integer').execute();
      // Holds everything that statistics read, so that they need not read the calls themselves.
      await db.schema
        .createIndex('calls_by_end')
        .on('calls')
        .columns(['server', 'ended_at_ms', 'status', 'error_class', 'attempts', 'ran_ms'])
        .execute();
      await db.schema
        .createIndex('calls_by_error')
        .on('calls')
        .columns(['server', 'error_class', 'ended_at_ms'])
        .where('error_class', 'is not', null)
        .execute();
    },
  },
  '004-event-health': {
    async up(db) {
      await db.schema.alterTable('events').addColumn('health_from', 'text').execute();
      await db.schema.alterTable('events').addColumn('health_to', 'text').execute();
    },
  },
  '005-health-results': {
    async up(db) {
      await db.schema
        .createTable('health_results')
        .addColumn('position', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('server', 'text', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('result', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('health_results_by_server')
        .on('health_results')
        .columns(['server', 'position'])
        .execute();
    },
  },
  '006-offers': {
    async up(db) {
      await db.schema
        .createTable('offers')
        .addColumn('server', 'text', (column) => column.primaryKey())
        .addColumn('offer_hash', 'text', (column) => column.notNull())
        .addColumn('offer', 'text', (column) => column.notNull())
        .addColumn('listed_at_ms', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '007-gateway-sessions': {
    async up(db) {
      await db.schema
        .createTable('gateway_sessions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('principal', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('protocol_version', 'text', (column) => column.notNull())
        .addColumn('client_info', 'text', (column) => column.notNull())
        .addColumn('capabilities', 'text', (column) => column.notNull())
        .addColumn('log_level', 'text')
        .addColumn('subscriptions', 'text', (column) => column.notNull())
        .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('seen_at_ms', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('gateway_sessions_by_principal')
        .on('gateway_sessions')
        .columns(['principal', 'seen_at_ms'])
        .execute();
      await db.schema
        .createIndex('gateway_sessions_by_use')
        .on('gateway_sessions')
        .column('seen_at_ms')
        .execute();
    },
  },
  '008-gateway-tasks': {
    async up(db) {
      await db.schema
        .createTable('gateway_tasks')
        .addColumn('task_id', 'text', (column) => column.primaryKey())
        .addColumn('principal', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('server', 'text', (column) => column.notNull())
        .addColumn('tool', 'text', (column) => column.notNull())
        .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('cancelled_at_ms', 'bigint')
        .execute();
      await db.schema
        .createIndex('gateway_tasks_by_principal')
        .on('gateway_tasks')
        .columns(['principal', 'scope', 'created_at_ms', 'task_id'])
        .execute();
      await db.schema
        .createIndex('gateway_tasks_by_expiry')
        .on('gateway_tasks')
        .column('expires_at_ms')
        .execute();
    },
  },
  '009-grants': {
    async up(db) {
      await db.schema
        .createTable('grants')
        .addColumn('server', 'text', (column) => column.notNull())
        .addColumn('principal', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('sealed', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('grants_key', ['server', 'principal'])
        .execute();
    },
  },
  '010-call-path': {
    async up(db) {
      await db.schema.alterTable('calls').addColumn('path', 'text').execute();
      // It still holds everything that statistics read.
      await db.schema.dropIndex('calls_by_end').execute();
      await db.schema
        .createIndex('calls_by_end')
        .on('calls')
        .columns(['server', 'ended_at_ms', 'status', 'error_class', 'attempts', 'ran_ms', 'path'])
        .execute();
    },
  },
  '011-unchecked-tools': {
    async up(db) {
      await db.schema.alterTable('catalogues').addColumn('unchecked', 'text').execute();
    },
  },
  '012-list-flaws': {
    async up(db) {
      await db.schema.alterTable('catalogues').addColumn('flaws', 'text').execute();
    },
  },
  '013-call-tries': {
    async up(db) {
      await db.schema.alterTable('calls').addColumn('retried_ms', 'real').execute();
      await db.schema.alterTable('calls').addColumn('cache_miss', 'integer').execute();
      // It still holds everything that statistics read.
      const read = ['server', 'ended_at_ms', 'status', 'error_class', 'attempts', 'ran_ms', 'path'];
      await db.schema.dropIndex('calls_by_end').execute();
      await db.schema
        .createIndex('calls_by_end')
        .on('calls')
        .columns([...read, 'tool', 'cache_miss'])
        .execute();
    },
  },
};
