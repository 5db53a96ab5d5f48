import { existsSync } from 'node:fs';
import { driverOfOurBuild } from './executable-cache';
import { type FreePortsOptions, startOnFreePorts } from './start-on-free-ports';

/** Our build keeps visibility in a file of its own, with the one index; see dev-server/stores.go. */
const OUR_VISIBILITY = '.visibility';
const TABLE = 'executions_visibility';
/**
 * Keeps calls and workflows apart in every list, and is followed by the order of the lists. All
 * other filters walk along it, as SQLite does without statistics anyway.
 */
const USED_INDEX = 'by_temporal_namespace_division';

/**
 * Makes the database of the official Temporal CLI cheaper before the server starts: its 60 indexes
 * of the visibility table, of which one is used, make up a third of what a call costs it. The CLI
 * creates its tables only together with the file, so a new file is created by a first, short start.
 */
export async function prepareDatabase(options: FreePortsOptions): Promise<void> {
  const { dbFile, executable, onProgress } = options;
  const isOurs = driverOfOurBuild(executable) !== undefined;
  if (existsSync(`${dbFile}${OUR_VISIBILITY}`)) return;
  if (!existsSync(dbFile)) {
    if (isOurs) return;
    const { temporal } = await startOnFreePorts({ ...options, headless: true });
    await temporal.stop();
  }
  try {
    await dropUnusedIndexes(dbFile);
  } catch (error) {
    // The server works with them, too.
    onProgress(`Temporal: the unused indexes of ${dbFile} stay: ${String(error)}`);
  }
}

/** Drops all of them or none. Only while no server has the file open. */
export async function dropUnusedIndexes(dbFile: string): Promise<void> {
  // `up` must stay small, and only files of the official CLI need it.
  const { default: Database } = await import('libsql');
  const database = new Database(dbFile);
  try {
    const names = database
      .prepare(
        `SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL AND name <> ?`,
      )
      .pluck()
      .all(TABLE, USED_INDEX);
    if (names.length === 0) return;
    const drops = names.map((name) => `DROP INDEX "${String(name)}";`);
    database.exec(['BEGIN IMMEDIATE;', ...drops, 'COMMIT;'].join('\n'));
  } finally {
    database.close();
  }
}
