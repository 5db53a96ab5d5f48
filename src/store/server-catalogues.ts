import { type Kysely } from 'kysely';
import { type ServerCatalogue } from '../domain/catalogue/server-catalogue';
import { type Tables } from './schema';
import { type ServerCatalogueStore } from './store';

export function createServerCatalogues(db: Kysely<Tables>): ServerCatalogueStore {
  return {
    async put(offer) {
      const row = {
        server: offer.server,
        offer_hash: offer.offerHash,
        listed_at_ms: offer.listedAtMs,
        offer: JSON.stringify(offer),
      };
      await db
        .insertInto('offers')
        .values(row)
        .onConflict((conflict) => conflict.column('server').doUpdateSet(row))
        .execute();
    },

    async get(server) {
      const row = await db
        .selectFrom('offers')
        .select('offer')
        .where('server', '=', server)
        .executeTakeFirst();
      return row && offerOf(row.offer);
    },

    async list() {
      const rows = await db.selectFrom('offers').select('offer').orderBy('server').execute();
      return rows.map(({ offer }) => offerOf(offer));
    },

    async heads() {
      const rows = await db.selectFrom('offers').select(['server', 'offer_hash']).execute();
      return rows.map(({ server, offer_hash }) => ({ server, offerHash: offer_hash }));
    },

    async remove(server) {
      await db.deleteFrom('offers').where('server', '=', server).execute();
    },
  };
}

const offerOf = (text: string) => JSON.parse(text) as ServerCatalogue;
