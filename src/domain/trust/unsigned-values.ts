/** Fault of an input's signature: it is missing, or was made with another key or for something else. */
export type SignatureFault = 'missing' | 'wrong';

const faults = new WeakMap<object, SignatureFault>();

/** Wrapper of an unsigned input that is not an object, and so cannot be marked. */
export class UnsignedValue {
  constructor(
    readonly value: unknown,
    readonly fault: SignatureFault,
  ) {}
}

/** Marks a value that was not signed with the key of the data directory for the place where it was found. */
export function markUnsigned(value: object, fault: SignatureFault): void {
  faults.set(value, fault);
}

/** Returns the fault of a value's signature; undefined when it is signed. */
export function signatureFault(value: unknown): SignatureFault | undefined {
  if (value instanceof UnsignedValue) return value.fault;
  return typeof value === 'object' && value !== null ? faults.get(value) : undefined;
}

export function isUnsigned(value: unknown): boolean {
  return signatureFault(value) !== undefined;
}

/** Returns the value itself, signed or not. */
export function contentOf(value: unknown): unknown {
  return value instanceof UnsignedValue ? value.value : value;
}
