import { type AlertReceiver } from '../domain/alerts/alerts';
import { receiverOf } from './fields/alerts-field';
import { type Inventory, readInventory } from './inventory';

/** Who is told of what, and the tags of the servers, which receivers may name. */
export interface Receivers {
  receivers: AlertReceiver[];
  tagsOf: (server: string) => readonly string[];
}

export function receiversIn(inventory: Inventory, home: string): Receivers {
  const { alerts = [], servers } = inventory;
  return {
    receivers: alerts.map((recorded) => receiverOf(recorded, home)),
    tagsOf: (server) => servers[server]?.entry.tags ?? [],
  };
}

/** The receivers of a data directory; made again only when the inventory has changed, for events come often. */
export function watchReceivers(home: string): () => Promise<Receivers> {
  let known: { inventory: Inventory; receivers: Receivers } | undefined;
  return async () => {
    const inventory = await readInventory(home);
    if (known?.inventory !== inventory) {
      known = { inventory, receivers: receiversIn(inventory, home) };
    }
    return known.receivers;
  };
}
