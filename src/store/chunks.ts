import { type Kysely } from 'kysely';
import { type Tables } from './schema';

/** Maximum of rows per INSERT: keeps statements small; SQLite allows 32,766 parameters, PostgreSQL 65,535. */
const MAX_ROWS_PER_STATEMENT = 100;

/** Runs `write` for all rows or none: in one transaction when one statement is not enough. */
export async function inChunks<Row>(
  db: Kysely<Tables>,
  rows: readonly Row[],
  write: (db: Kysely<Tables>, chunk: readonly Row[]) => Promise<unknown>,
): Promise<void> {
  if (rows.length === 0) return;
  if (rows.length <= MAX_ROWS_PER_STATEMENT) {
    await write(db, rows);
    return;
  }
  await db.transaction().execute(async (transaction) => {
    for (let start = 0; start < rows.length; start += MAX_ROWS_PER_STATEMENT) {
      await write(transaction, rows.slice(start, start + MAX_ROWS_PER_STATEMENT));
    }
  });
}
