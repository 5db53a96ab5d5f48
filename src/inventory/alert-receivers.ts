import { type AlertReceiver } from '../domain/alerts/alerts';
import { receiverOf } from './fields/alerts-field';
import { type Inventory, readInventory } from './inventory';

/** Alert receivers, and the tags of the servers, which receivers may select by. */
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

/**
 * Returns the current receivers of a data directory; rebuilt only when the inventory has changed, because events are
 * frequent.
 */
export function watchReceivers(home: string): () => Promise<Receivers> {
  let cached: { inventory: Inventory; receivers: Receivers } | undefined;
  return async () => {
    const inventory = await readInventory(home);
    if (cached?.inventory !== inventory) {
      cached = { inventory, receivers: receiversIn(inventory, home) };
    }
    return cached.receivers;
  };
}
