/**
 * Maximum of steps per validation: some ten million instructions, a fraction of a second. The largest arguments (1 MB)
 * take fewer with any schema that visits each value a few times.
 */
const MAX_STEPS = 4_000_000;
/** Maximum of errors per validation; nobody reads more. */
const MAX_ERRORS = 500;

/** A validation that exceeded its budget. */
export class OverBudget extends Error {
  override readonly name = 'OverBudget';
}

let left = 0;

/** Runs a validation, in which `spend` counts. Validations are synchronous, so there is one at a time. */
export function withinBudget<Value>(validate: (value: Value) => boolean, value: Value): boolean {
  left = MAX_STEPS;
  return validate(value);
}

/**
 * Counts steps; called by the code that Ajv generates, before it does them.
 *
 * @param errors - number of errors found so far
 * @throws OverBudget
 */
export function spend(steps: number, errors: number): void {
  left -= steps;
  if (left < 0 || errors > MAX_ERRORS) throw new OverBudget();
}
