import { changeRecords, updateInventory } from './inventory';

/** Records for these servers, or for all, that the code of packages may run while they are installed. */
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
