import { type ServerSnapshot } from '../../domain/messages';
import { type ServerCatalogue } from '../../domain/catalogue/server-catalogue';
import { type ToolCatalogue } from '../../domain/catalogue/tools';
import { type Inventory, readInventory } from '../../inventory/inventory';
import { type ClientContext } from '../context';
import { type Snapshots } from '../servers/snapshots';

/** Events that are read in one round; if there are more, every server is checked. */
const EVENTS_PER_ROUND = 500;

/** Hashes of the stored lists of a server. */
export interface ListHead {
  toolsHash?: string;
  offerHash?: string;
}

/** Servers with events since the last round; `undefined`: too many to tell. */
interface ChangedServers {
  position: number;
  servers: ReadonlySet<string> | undefined;
}

/** Source of what servers list: the inventory, the store, and for what may be shown the entities. */
export interface ListSource {
  inventory(): Promise<Inventory>;
  /** Returns the heads by server. */
  heads(): Promise<Map<string, ListHead>>;
  catalogue(server: string, toolsHash: string): Promise<ToolCatalogue | undefined>;
  offer(server: string): Promise<ServerCatalogue | undefined>;
  /** Undefined when the server has no entity. Takes as long as the control worker needs, and fails when there is none. */
  snapshot(server: string): Promise<ServerSnapshot | undefined>;
  /** @param after - position of the previous round; undefined in the first */
  changedServers(after: number | undefined): Promise<ChangedServers>;
}

export function listSource(
  { home, store }: Pick<ClientContext, 'home' | 'store'>,
  snapshots: Pick<Snapshots, 'find'>,
): ListSource {
  return {
    inventory: () => readInventory(home),

    async heads() {
      const [catalogues, offers] = await Promise.all([
        store.catalogue.heads(),
        store.offers.heads(),
      ]);
      const heads = new Map<string, ListHead>();
      for (const { server, toolsHash } of catalogues) heads.set(server, { toolsHash });
      for (const { server, offerHash } of offers) {
        heads.set(server, { ...heads.get(server), offerHash });
      }
      return heads;
    },

    catalogue: (server, toolsHash) => store.catalogue.get(server, toolsHash),
    offer: (server) => store.offers.get(server),
    snapshot: (server) => snapshots.find(server),

    async changedServers(after) {
      const limit = after === undefined ? 1 : EVENTS_PER_ROUND;
      const events = await store.events.list({ ...(after !== undefined && { after }), limit });
      const position = events.at(-1)?.position ?? after ?? 0;
      const isAll = after === undefined || events.length === EVENTS_PER_ROUND;
      return {
        position,
        servers: isAll ? undefined : new Set(events.map(({ server }) => server)),
      };
    },
  };
}
