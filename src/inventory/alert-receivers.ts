import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type AlertReceiver } from '../domain/alerts';
import { receiverOf } from './alerts-field';
import { type Inventory, readInventory } from './inventory';
import { hasCode } from '../durable-file';

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

/** The receivers of a data directory; the inventory is read again only when it has changed, for events come often. */
export function watchReceivers(home: string): () => Promise<Receivers> {
  const file = path.join(home, 'inventory.json');
  let known: { version: string; receivers: Receivers } | undefined;
  return async () => {
    const version = await versionOf(file);
    if (known?.version !== version) {
      known = { version, receivers: receiversIn(await readInventory(home), home) };
    }
    return known.receivers;
  };
}

/** Every change is a new file. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, mtimeNs, size } = await stat(file, { bigint: true });
    return [ino, mtimeNs, size].join(':');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'none';
    throw error;
  }
}
