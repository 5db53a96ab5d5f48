import path from 'node:path';
import Database from 'libsql';
import { Kysely } from 'kysely';
import { MainspringError, reportOf } from '../base/errors';
import { isDiskFull } from '../base/disk-error';
import { codeOf, ensurePrivateFile } from '../base/durable-file';
import { BLOCKING_WAIT_MS, whenFree } from './busy';
import { createCallIndex } from './call-index';
import { createToolCatalogues } from './tool-catalogues';
import { createEventLog } from './event-log';
import { createGatewaySessions } from './gateway-sessions';
import { createGatewayTasks } from './gateway-tasks';
import { createGrants } from './grants';
import { createHealthResults } from './health-results';
import { LibsqlDialect } from './libsql-dialect';
import { createLockTexts } from './lock-texts';
import { migrate } from './migrations';
import { createServerCatalogues } from './server-catalogues';
import { createResultFiles } from './result-files';
import { type Tables } from './schema';
import { type Store } from './store';

/**
 * Opens the store in the data directory; creates and migrates it where needed. Any number of processes may open it.
 *
 * @param sync - `full`: each transaction is on the disk when it ends; `normal`: a power cut may undo the last ones, but a crash of
 *   the process never
 */
export async function openStore(home: string, sync: 'full' | 'normal' = 'normal'): Promise<Store> {
  const file = path.join(home, 'mainspring.db');
  const describe = (error: unknown) => storeFailure(file, error);
  const db = await openDatabase(file, sync, describe);
  return {
    events: createEventLog(db),
    calls: createCallIndex(db),
    catalogue: createToolCatalogues(db),
    offers: createServerCatalogues(db),
    health: createHealthResults(db),
    results: createResultFiles(path.join(home, 'results')),
    locks: createLockTexts(db),
    grants: createGrants(db),
    gatewaySessions: createGatewaySessions(db),
    gatewayTasks: createGatewayTasks(db),
    close: () => db.destroy(),
  };
}

async function openDatabase(
  file: string,
  sync: 'full' | 'normal',
  describe: (error: unknown) => MainspringError,
): Promise<Kysely<Tables>> {
  try {
    await ensurePrivateFile(file); // its -wal and -shm files get the same mode
    const database = new Database(file);
    const db = new Kysely<Tables>({ dialect: new LibsqlDialect({ database, describe }) });
    try {
      await prepare(database, sync);
      await migrate(db);
      return db;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw describe(error);
  }
}

async function prepare(database: Database.Database, sync: 'full' | 'normal'): Promise<void> {
  database.exec(`PRAGMA busy_timeout = ${BLOCKING_WAIT_MS}`);
  await whenFree(() => database.exec('PRAGMA journal_mode = WAL'));
  database.exec(`PRAGMA synchronous = ${sync}`);
}

function storeFailure(file: string, error: unknown): MainspringError {
  if (error instanceof MainspringError) return error;
  const message = `The database ${file} failed: ${reportOf(error).message}`;
  if (isDiskFull(error)) return new MainspringError('DISK_FULL', message, { cause: error });
  return new MainspringError('STORE_FAILED', message, { fix: fixFor(error, file), cause: error });
}

function fixFor(error: unknown, file: string): string {
  const code = codeOf(error);
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    return `Move ${file} and its -wal and -shm files away. Events and the list of calls start empty; servers and call results are kept.`;
  }
  return 'Check that the data directory is writable.';
}
