/** What is wrong with the signature of an input: there is none, or it was made with another key, for something else. */
export type SignatureFault = 'missing' | 'wrong';

const faults = new WeakMap<object, SignatureFault>();

/** What stands for an unsigned input that is no object, and so cannot be told from a signed one. */
export class UnsignedValue {
  constructor(
    readonly value: unknown,
    readonly fault: SignatureFault,
  ) {}
}

/** Remembers that nobody with the key of the data directory has signed this for where it was found. */
export function markUnsigned(value: object, fault: SignatureFault): void {
  faults.set(value, fault);
}

/** Undefined for what is signed. */
export function signatureFault(value: unknown): SignatureFault | undefined {
  if (value instanceof UnsignedValue) return value.fault;
  return typeof value === 'object' && value !== null ? faults.get(value) : undefined;
}

export function isUnsigned(value: unknown): boolean {
  return signatureFault(value) !== undefined;
}

/** The value itself, signed or not. */
export function contentOf(value: unknown): unknown {
  return value instanceof UnsignedValue ? value.value : value;
}
