import { type Kysely } from 'kysely';
import { type ListFlaw } from '../domain/catalogue/list-flaws';
import {
  type ToolCatalogue,
  type ToolDefinition,
  type UncheckedTool,
} from '../domain/catalogue/tools';
import { type CatalogueRow, type Tables } from './schema';
import { type ToolCatalogueStore } from './store';

/** Number of tool lists that are kept per server: the newest, which calls in flight were validated against. */
export const CATALOGUES_PER_SERVER = 5;

export function createToolCatalogues(db: Kysely<Tables>): ToolCatalogueStore {
  return {
    async put(catalogue, approvedHash = catalogue.toolsHash) {
      await db.transaction().execute(async (transaction) => {
        await upsert(transaction, catalogue);
        await removeOld(transaction, catalogue.server, approvedHash);
      });
    },

    async get(server, toolsHash) {
      const row = await db
        .selectFrom('catalogues')
        .selectAll()
        .where('server', '=', server)
        .where('tools_hash', '=', toolsHash)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async latest(server) {
      const row = await db
        .selectFrom('catalogues')
        .selectAll()
        .where('server', '=', server)
        .orderBy('listed_at_ms', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async heads() {
      const rows = await db
        .selectFrom('catalogues')
        .select(['server', 'tools_hash', 'listed_at_ms'])
        .orderBy('listed_at_ms')
        .execute();
      // The last row of each server wins.
      const newest = new Map(rows.map((row) => [row.server, row]));
      return [...newest.values()].map(({ server, tools_hash, listed_at_ms }) => ({
        server,
        toolsHash: tools_hash,
        listedAtMs: listed_at_ms,
      }));
    },

    async remove(server) {
      await db.deleteFrom('catalogues').where('server', '=', server).execute();
    },
  };
}

async function upsert(db: Kysely<Tables>, catalogue: ToolCatalogue): Promise<void> {
  await db
    .insertInto('catalogues')
    .values({
      server: catalogue.server,
      tools_hash: catalogue.toolsHash,
      tools: JSON.stringify(catalogue.tools),
      listed_at_ms: catalogue.listedAtMs,
      unchecked: catalogue.unchecked === undefined ? null : JSON.stringify(catalogue.unchecked),
      flaws: catalogue.flaws === undefined ? null : JSON.stringify(catalogue.flaws),
    })
    .onConflict((conflict) =>
      conflict.columns(['server', 'tools_hash']).doUpdateSet((stored) => ({
        listed_at_ms: catalogue.listedAtMs,
        unchecked: stored.ref('excluded.unchecked'),
        flaws: stored.ref('excluded.flaws'),
      })),
    )
    .execute();
}

async function removeOld(db: Kysely<Tables>, server: string, approvedHash: string): Promise<void> {
  await db
    .deleteFrom('catalogues')
    .where('server', '=', server)
    .where('tools_hash', '!=', approvedHash)
    .where('tools_hash', 'not in', (query) =>
      query
        .selectFrom('catalogues')
        .select('tools_hash')
        .where('server', '=', server)
        .orderBy('listed_at_ms', 'desc')
        .limit(CATALOGUES_PER_SERVER),
    )
    .execute();
}

function fromRow(row: CatalogueRow): ToolCatalogue {
  return {
    server: row.server,
    toolsHash: row.tools_hash,
    tools: JSON.parse(row.tools) as ToolDefinition[],
    listedAtMs: row.listed_at_ms,
    ...(row.unchecked !== null && { unchecked: JSON.parse(row.unchecked) as UncheckedTool[] }),
    ...(row.flaws !== null && { flaws: JSON.parse(row.flaws) as ListFlaw[] }),
  };
}
