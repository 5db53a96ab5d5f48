/** Names of tools and prompts at an endpoint of many servers: `<prefix>__<original>`, as every model provider accepts them. */

/** Longest name that all of them accept. */
export const MAX_EXPOSED_NAME_LENGTH = 64;

/** Hexadecimal digits of the hash in a name that had to be changed; the next length is for when that is taken too. */
const HASH_LENGTHS = [8, 16, 32] as const;

export interface ItemToName {
  server: string;
  /** Name as the server knows it. */
  original: string;
  /** Name of the server, or its alias. */
  prefix: string;
  /** Whole name, when a profile sets it. */
  chosen?: string | undefined;
}

/** Returns sha256 as lower-case hexadecimal digits; injected, because workflow code has no `node:crypto`. */
export type Digest = (text: string) => string;

/**
 * Returns one name for each item, in order; each (server, original) may occur once. A name that is too long, or that two
 * items would have, ends in a hash of server and original. It depends on nothing else, so it stays the same when other
 * servers are added or removed.
 *
 * Of several items with one name, the one that a profile has named keeps it, or else the only one of the same server
 * whose original name it is. Between servers none does: a new tool must not pass for one that a client knows.
 */
export function exposedNames(
  items: readonly ItemToName[],
  digest: Digest,
  reserved: ReadonlySet<string> = new Set(),
): string[] {
  const changes = items.map(() => 0);
  const nameOf = (item: ItemToName, index: number) => nameAt(item, changes[index] ?? 0, digest);
  for (let round = 0; round <= HASH_LENGTHS.length; round += 1) {
    const names = items.map(nameOf);
    const losers = [...groups(names)].flatMap(([name, those]) => {
      if (reserved.has(name)) return those;
      return those.length > 1 ? those.filter((index) => index !== keeperOf(items, those)) : [];
    });
    if (losers.length === 0) return names;
    for (const index of losers) changes[index] = (changes[index] ?? 0) + 1;
  }
  return items.map(nameOf);
}

/** Returns the name of a tool when no other tool has the same. */
export function plainName({ prefix, original }: Pick<ItemToName, 'prefix' | 'original'>): string {
  return `${prefix}__${original}`.replace(/[^A-Za-z0-9_-]/gu, '_');
}

/** Returns the name of an item after its name was found to be taken `changes` times. */
function nameAt(item: ItemToName, changes: number, digest: Digest): string {
  const plain = item.chosen ?? plainName(item);
  if (changes === 0 && plain.length <= MAX_EXPOSED_NAME_LENGTH) return plain;
  const isLong = plain.length > MAX_EXPOSED_NAME_LENGTH;
  const length = HASH_LENGTHS[isLong ? changes : changes - 1] ?? HASH_LENGTHS[2];
  const hash = digest(`${item.server}\n${item.original}`).slice(0, length);
  return `${plain.slice(0, MAX_EXPOSED_NAME_LENGTH - 1 - length)}_${hash}`;
}

function keeperOf(items: readonly ItemToName[], those: readonly number[]): number | undefined {
  const chosen = those.filter((index) => items[index]?.chosen !== undefined);
  if (chosen.length > 0) return chosen.length === 1 ? chosen[0] : undefined;
  if (new Set(those.map((index) => items[index]?.server)).size > 1) return undefined;
  const exact = those.filter((index) => isExact(items[index]));
  return exact.length === 1 ? exact[0] : undefined;
}

function isExact(item: ItemToName | undefined): boolean {
  if (!item) return false;
  const written = `${item.prefix}__${item.original}`;
  return written === plainName(item) && written.length <= MAX_EXPOSED_NAME_LENGTH;
}

function groups(names: readonly string[]): Map<string, number[]> {
  const byName = new Map<string, number[]>();
  names.forEach((name, index) => {
    const those = byName.get(name);
    if (those) those.push(index);
    else byName.set(name, [index]);
  });
  return byName;
}
