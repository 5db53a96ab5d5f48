/** Adds a value to a set that keeps the newest ones: the oldest goes when there are more than `max`. */
export function addBounded<Value>(set: Set<Value>, value: Value, max: number): void {
  set.add(value);
  if (set.size <= max) return;
  for (const oldest of set) {
    set.delete(oldest);
    return;
  }
}
