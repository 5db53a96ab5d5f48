import type Database from 'libsql';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
} from 'kysely';
import { type MainspringError } from '../base/errors';
import { whenFree } from './busy';

export interface LibsqlDialectOptions {
  database: Database.Database;
  /** Converts an error of SQLite to the one that the store throws. */
  describe: (error: unknown) => MainspringError;
}

/**
 * Kysely's SQLite dialect for several processes on one file: transactions take the write lock when they begin (a lock
 * that is upgraded later fails with SQLITE_BUSY whatever the busy timeout is), and migrations run in such a transaction.
 */
export class LibsqlDialect extends SqliteDialect {
  readonly #options: LibsqlDialectOptions;

  constructor(options: LibsqlDialectOptions) {
    super({ database: options.database });
    this.#options = options;
  }

  override createDriver(): Driver {
    return new LibsqlDriver(this.#options);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Driver with one connection, used by one query or transaction at a time. */
class LibsqlDriver implements Driver {
  readonly #database: Database.Database;
  readonly #connection: LibsqlConnection;
  #free: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(options: LibsqlDialectOptions) {
    this.#database = options.database;
    this.#connection = new LibsqlConnection(options);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free;
    let release: () => void = () => {};
    this.#free = new Promise((resolve) => (release = resolve));
    await before;
    this.#release = release;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite has rolled back by itself after a full disk or an I/O error.
    if (this.#database.inTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {
    await this.#free; // finish what has begun
    this.#database.close();
  }
}

/** Maximum of prepared statements per connection; batches of many sizes would otherwise fill memory. */
const MAX_PREPARED_STATEMENTS = 100;

class LibsqlConnection implements DatabaseConnection {
  readonly #database: Database.Database;
  readonly #describe: LibsqlDialectOptions['describe'];
  readonly #prepared = new Map<string, Database.Statement>();

  constructor({ database, describe }: LibsqlDialectOptions) {
    this.#database = database;
    this.#describe = describe;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return await whenFree(() => this.#run<Row>(sql, parameters));
    } catch (error) {
      throw this.#describe(error);
    }
  }

  // eslint-disable-next-line require-yield -- the Driver interface wants it; nothing streams
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('The store does not support streaming.');
  }

  #run<Row>(sql: string, parameters: readonly unknown[]): QueryResult<Row> {
    const statement = this.#prepare(sql);
    if (statement.reader) return { rows: statement.all(parameters) as Row[] };
    const { changes } = statement.run(parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  #prepare(sql: string): Database.Statement {
    const cached = this.#prepared.get(sql);
    if (cached) return cached;
    const statement = this.#database.prepare(sql);
    if (this.#prepared.size >= MAX_PREPARED_STATEMENTS) this.#prepared.clear();
    this.#prepared.set(sql, statement);
    return statement;
  }
}
