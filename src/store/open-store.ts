import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { Kysely } from 'kysely';
import { MainspringError } from '../domain/errors';
import { ensurePrivateFile } from '../durable-file';
import { createCallIndex } from './call-index';
import { createCatalogue } from './catalogue';
import { createEventLog } from './event-log';
import { LibsqlDialect } from './libsql-dialect';
import { migrate } from './migrations';
import { createResultFiles } from './result-files';
import { type Tables } from './schema';
import { type Store } from './store';

/** How long a writer waits for another process. Writes take well under a millisecond each. */
const BUSY_TIMEOUT_MS = 5_000;
const WAL_ATTEMPTS = 50;
const WAL_RETRY_MS = 20;

/** Opens, and where needed creates and migrates, the store in the data directory. Any number of processes may. */
export async function openStore(home: string): Promise<Store> {
  const file = path.join(home, 'mainspring.db');
  const describe = (error: unknown) => storeFailure(file, error);
  const db = await openDatabase(file, describe);
  return {
    events: createEventLog(db),
    calls: createCallIndex(db),
    catalogue: createCatalogue(db),
    results: createResultFiles(path.join(home, 'results')),
    close: () => db.destroy(),
  };
}

async function openDatabase(
  file: string,
  describe: (error: unknown) => MainspringError,
): Promise<Kysely<Tables>> {
  let database: Database.Database | undefined;
  try {
    await ensurePrivateFile(file); // its -wal and -shm files take the same mode
    database = new Database(file);
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    await switchToWal(database);
    database.exec('PRAGMA synchronous = NORMAL');
    const db = new Kysely<Tables>({ dialect: new LibsqlDialect({ database, describe }) });
    await migrate(db);
    return db;
  } catch (error) {
    database?.close();
    throw describe(error);
  }
}

/** The switch needs the file for itself and does not honour the busy timeout when two processes try at once. */
async function switchToWal(database: Database.Database): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!isBusy || attempt === WAL_ATTEMPTS) throw error;
      await sleep(WAL_RETRY_MS);
    }
  }
}

function storeFailure(file: string, error: unknown): MainspringError {
  if (error instanceof MainspringError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new MainspringError('STORE_FAILED', `The database ${file} failed: ${reason}`, {
    fix: fixFor(error, file),
    cause: error,
  });
}

function fixFor(error: unknown, file: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    return `Move ${file} and its -wal and -shm files away; events and the list of calls start anew, servers and call results stay.`;
  }
  if (code === 'SQLITE_FULL') return 'Free some space on the disk of the data directory.';
  return 'Check that the data directory is writable and the disk is not full.';
}
