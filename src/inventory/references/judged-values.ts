import { judgeSecret, type NoSecret } from '../../domain/trust/secret-values';

/** Where a value comes from and goes to. */
export interface Given {
  /** As it is written, such as `${PORT}`; absent for text that holds none. */
  reference?: string;
  field: string;
  /** Its owner says that it is a secret. */
  isMarked: boolean;
}

/** A value that is not masked, and why; never the value itself. */
export interface UnmaskedValue extends Pick<Given, 'reference' | 'field'> {
  reason: NoSecret;
}

/** What a server is given, with each value judged: secret, or why it is not. */
export class JudgedValues {
  readonly #secrets = new Set<string>();
  readonly #unmasked: { value: string; told: UnmaskedValue }[] = [];

  add(value: string, { isMarked, ...where }: Given): void {
    const verdict = judgeSecret(value, isMarked);
    if (verdict.isSecret) this.#secrets.add(value);
    else if (verdict.reason !== 'empty') {
      this.#unmasked.push({ value, told: { ...where, reason: verdict.reason } });
    }
  }

  get secrets(): string[] {
    return [...this.#secrets];
  }

  /** What is masked because of another field is not among them; a field with references is told by these. */
  get unmasked(): UnmaskedValue[] {
    const open = this.#unmasked.filter(({ value }) => !this.#secrets.has(value));
    const told = open.map((one) => one.told);
    const referred = new Set(told.flatMap(({ reference, field }) => (reference ? [field] : [])));
    return told.filter(({ reference, field }) => reference !== undefined || !referred.has(field));
  }
}
