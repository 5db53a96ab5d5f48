import { type Inventory, tableOf, updateInventory } from './inventory';

/** Records the consent to run code of packages during installation, for these servers or for all. */
export async function allowScripts(
  home: string,
  names: readonly string[] | undefined,
  packages: readonly string[],
): Promise<void> {
  await updateInventory(home, (inventory) => withConsent(inventory, names, packages));
}

function withConsent(
  inventory: Inventory,
  names: readonly string[] | undefined,
  packages: readonly string[],
): Inventory {
  const servers = Object.entries(inventory.servers).map(([name, record]) => {
    if (names && !names.includes(name)) return [name, record] as const;
    const consents = new Set([...(record.allowScripts ?? []), ...packages]);
    return [name, { ...record, allowScripts: [...consents].sort() }] as const;
  });
  return { ...inventory, servers: tableOf(servers.map(([name, record]) => [name, record])) };
}
