import { changeRecords, updateInventory } from './inventory';

/** Records the consent to run code of packages during installation, for these servers or for all. */
export async function allowScripts(
  home: string,
  names: readonly string[] | undefined,
  packages: readonly string[],
): Promise<void> {
  await updateInventory(home, (inventory) =>
    changeRecords(inventory, names, (record) => {
      const consents = new Set([...(record.allowScripts ?? []), ...packages]);
      return { ...record, allowScripts: [...consents].sort() };
    }),
  );
}
