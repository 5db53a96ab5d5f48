import { MAX_JSON_DEPTH } from '../../base/foreign-json';

/** Whether a value has more levels than what recurses over it can bear. One that contains itself, as YAML's aliases can make it, has no end of them. */
export function isTooDeep(value: unknown): boolean {
  const seenAt = new Map<object, number>();
  const exceeds = (one: unknown, depth: number): boolean => {
    if (one === null || typeof one !== 'object') return false;
    if (depth > MAX_JSON_DEPTH) return true;
    // Aliases lead to one value in many ways: only a deeper one can tell more.
    if ((seenAt.get(one) ?? 0) >= depth) return false;
    seenAt.set(one, depth);
    return Object.values(one).some((member) => exceeds(member, depth + 1));
  };
  return exceeds(value, 1);
}
