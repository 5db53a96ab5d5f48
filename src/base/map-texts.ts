import { type Json, type JsonObject } from './json';

/**
 * Returns the replacement of a string.
 *
 * @param member - the member that holds it, also as an item of a list; absent outside of objects
 */
export type TextChange = (text: string, member?: string) => string;

/** A list or object whose items are still to be copied. */
type PendingCopy =
  { from: Json[]; to: Json[]; member: string | undefined } | { from: JsonObject; to: JsonObject };

/** Copies JSON with every string replaced; member names and everything else stay. It needs no stack, however deep the JSON is. */
export function mapTexts(value: JsonObject, change: TextChange): JsonObject;
export function mapTexts(value: Json, change: TextChange): Json;
export function mapTexts(value: Json, change: TextChange): Json {
  const pending: PendingCopy[] = [];
  const copyOf = (item: Json, member: string | undefined): Json => {
    if (typeof item === 'string') return change(item, member);
    if (item === null || typeof item !== 'object') return item;
    if (Array.isArray(item)) {
      const to: Json[] = [];
      pending.push({ from: item, to, member });
      return to;
    }
    const to: JsonObject = {};
    pending.push({ from: item, to });
    return to;
  };
  const copy = copyOf(value, undefined);
  for (let next = pending.pop(); next; next = pending.pop()) fill(next, copyOf);
  return copy;
}

function fill(next: PendingCopy, copyOf: (item: Json, member: string | undefined) => Json): void {
  if ('member' in next) {
    for (const item of next.from) next.to.push(copyOf(item, next.member));
    return;
  }
  for (const [key, item] of Object.entries(next.from)) {
    // Assigning `__proto__` would set the prototype instead of a member.
    const value = copyOf(item, key);
    Object.defineProperty(next.to, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
}
