const unsigned = new WeakSet<object>();

/** What stands for an unsigned input that is no object, and so cannot be told from a signed one. */
export class UnsignedValue {
  constructor(readonly value: unknown) {}
}

/** Remembers that nobody with the key of the data directory has signed this for where it was found. */
export function markUnsigned(value: object): void {
  unsigned.add(value);
}

export function isUnsigned(value: unknown): boolean {
  return (
    value instanceof UnsignedValue ||
    (typeof value === 'object' && value !== null && unsigned.has(value))
  );
}

/** The value itself, signed or not. */
export function contentOf(value: unknown): unknown {
  return value instanceof UnsignedValue ? value.value : value;
}
