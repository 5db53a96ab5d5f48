import { type Kysely } from 'kysely';
import { type GrantKey } from '../domain/oauth/oauth';
import { type Tables } from './schema';
import { type GrantStore, type SealedGrant } from './store';

export function createGrants(db: Kysely<Tables>): GrantStore {
  return {
    get: (key) => findGrant(db, key),

    async put(grant, replaced) {
      return db.transaction().execute(async (transaction) => {
        const stored = await findGrant(transaction, grant);
        if ((stored?.version ?? 0) !== replaced) return false;
        const { version, sealed } = grant;
        await transaction
          .insertInto('grants')
          .values(grant)
          .onConflict((conflict) =>
            conflict.columns(['server', 'principal']).doUpdateSet({ version, sealed }),
          )
          .execute();
        return true;
      });
    },

    async remove({ server, principal }) {
      const { numDeletedRows } = await db
        .deleteFrom('grants')
        .where('server', '=', server)
        .where('principal', '=', principal)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async removeAll(server) {
      await db.deleteFrom('grants').where('server', '=', server).execute();
    },
  };
}

async function findGrant(
  db: Kysely<Tables>,
  { server, principal }: GrantKey,
): Promise<SealedGrant | undefined> {
  return db
    .selectFrom('grants')
    .selectAll()
    .where('server', '=', server)
    .where('principal', '=', principal)
    .executeTakeFirst();
}
