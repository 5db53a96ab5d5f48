import { type Kysely } from 'kysely';
import { type Tables } from './schema';
import { type LockStore } from './store';

export function createLockTexts(db: Kysely<Tables>): LockStore {
  return {
    async put(digest, text) {
      await db
        .insertInto('locks')
        .values({ digest, text, stored_at_ms: Date.now() })
        .onConflict((conflict) => conflict.column('digest').doNothing())
        .execute();
    },

    async get(digest) {
      const row = await db
        .selectFrom('locks')
        .select('text')
        .where('digest', '=', digest)
        .executeTakeFirst();
      return row?.text;
    },
  };
}
