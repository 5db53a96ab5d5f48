import { type Kysely, type Selectable, sql } from 'kysely';
import { type HealthResult } from '../domain/health/health';
import { inChunks } from './chunks';
import { type HealthResultRow, type Tables } from './schema';
import { type HealthResultStore } from './store';

/** Number of rounds of health checks that are kept per server. */
export const RESULTS_PER_SERVER = 100;

export function createHealthResults(db: Kysely<Tables>): HealthResultStore {
  return {
    async add(results) {
      await inChunks(db, results.map(toRow), (connection, rows) =>
        connection.insertInto('health_results').values(rows).execute(),
      );
      await removeOld(db, [...new Set(results.map(({ server }) => server))]);
    },

    async list(server, limit) {
      const rows = await db
        .selectFrom('health_results')
        .selectAll()
        .where('server', '=', server)
        .orderBy('position', 'desc')
        .limit(Math.min(limit, RESULTS_PER_SERVER))
        .execute();
      return rows.map(fromRow);
    },

    async remove(server) {
      await db.deleteFrom('health_results').where('server', '=', server).execute();
    },
  };
}

/** Removes old rounds of all servers of a batch in one statement: each keeps its newest. */
async function removeOld(db: Kysely<Tables>, servers: string[]): Promise<void> {
  if (servers.length === 0) return;
  const rank = sql<number>`row_number() over (partition by server order by position desc)`;
  await db
    .deleteFrom('health_results')
    .where('position', 'in', (query) =>
      query
        .selectFrom((ranked) =>
          ranked
            .selectFrom('health_results')
            .select(['position', rank.as('rank')])
            .where('server', 'in', servers)
            .as('ranked'),
        )
        .select('ranked.position')
        .where('ranked.rank', '>', RESULTS_PER_SERVER),
    )
    .execute();
}

function toRow(result: HealthResult) {
  return { server: result.server, at_ms: result.atMs, result: JSON.stringify(result) };
}

function fromRow({ result }: Selectable<HealthResultRow>): HealthResult {
  return JSON.parse(result) as HealthResult;
}
