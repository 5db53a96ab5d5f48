import { readConfigFile } from '../inventory/config-file';
import { type Inventory, updateInventory } from '../inventory/inventory';
import { type ConfigChange, mergeConfig } from '../inventory/merge';

export { type ConfigChange };

/** Merges config files into the inventory and says what that means for each server. Wrong files change nothing. */
export async function mergeFiles(home: string, files: readonly string[]): Promise<ConfigChange[]> {
  const configs = await Promise.all(files.map((file) => readConfigFile(file)));
  let changes: ConfigChange[] = [];
  await updateInventory(home, (inventory) => {
    changes = [];
    return configs.reduce((merged, config) => {
      const result = mergeConfig(merged, config, Date.now());
      changes.push(...result.changes);
      return result.inventory;
    }, inventory);
  });
  return changes;
}

/** The config files that the servers came from: of one server, or of all. */
export function originsOf(inventory: Inventory, name?: string): string[] {
  const servers = Object.entries(inventory.servers).filter(([other]) => !name || other === name);
  const files = servers.flatMap(([, { origin }]) => (origin === 'cli' ? [] : [origin.file]));
  return [...new Set(files)];
}
