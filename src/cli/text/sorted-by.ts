/** Sorts by a key, smaller first, and by name among equals. */
export function sortedBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => number | string,
  nameOf: (item: Item) => string,
): Item[] {
  return [...items].sort((a, b) => {
    const [first, second] = [keyOf(a), keyOf(b)];
    if (first === second) return nameOf(a) < nameOf(b) ? -1 : 1;
    return first < second ? -1 : 1;
  });
}
