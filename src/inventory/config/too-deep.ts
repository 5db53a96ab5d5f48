import { MAX_JSON_DEPTH } from '../../base/foreign-json';

/**
 * Whether a value has more levels than recursive functions can process. A value that contains itself, through YAML
 * aliases, has infinitely many.
 */
export function isTooDeep(value: unknown): boolean {
  const seenAt = new Map<object, number>();
  const exceeds = (one: unknown, depth: number): boolean => {
    if (one === null || typeof one !== 'object') return false;
    if (depth > MAX_JSON_DEPTH) return true;
    // Aliases lead to the same value repeatedly; only a deeper visit can find more.
    if ((seenAt.get(one) ?? 0) >= depth) return false;
    seenAt.set(one, depth);
    return Object.values(one).some((member) => exceeds(member, depth + 1));
  };
  return exceeds(value, 1);
}
