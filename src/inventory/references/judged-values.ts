import { judgeSecret, type NoSecret } from '../../domain/trust/secret-values';

/** Source and target of a value. */
export interface ValueSource {
  /** Reference as written, such as `${PORT}`; absent for text without one. */
  reference?: string;
  field: string;
  /** Whether its owner has marked it as a secret. */
  isMarked: boolean;
}

/** A value that is not masked, with the reason; never contains the value itself. */
export interface UnmaskedValue extends Pick<ValueSource, 'reference' | 'field'> {
  reason: NoSecret;
}

/** Values that a server receives, each one judged: secret, or the reason why it is not. */
export class JudgedValues {
  readonly #secrets = new Set<string>();
  readonly #unmasked: { value: string; report: UnmaskedValue }[] = [];

  add(value: string, { isMarked, ...source }: ValueSource): void {
    const verdict = judgeSecret(value, isMarked);
    if (verdict.isSecret) this.#secrets.add(value);
    else if (verdict.reason !== 'empty') {
      this.#unmasked.push({ value, report: { ...source, reason: verdict.reason } });
    }
  }

  get secrets(): string[] {
    return [...this.#secrets];
  }

  /** Excludes values that are masked because of another field; a field with references is listed by its references. */
  get unmasked(): UnmaskedValue[] {
    const shown = this.#unmasked.filter(({ value }) => !this.#secrets.has(value));
    const reports = shown.map((one) => one.report);
    const referred = new Set(reports.flatMap(({ reference, field }) => (reference ? [field] : [])));
    return reports.filter(
      ({ reference, field }) => reference !== undefined || !referred.has(field),
    );
  }
}
