/**
 * Steps that one validation may take: some ten million instructions, a fraction of a second. The largest arguments (1 MB) take
 * fewer by any schema that looks at each value a few times.
 */
const MAX_STEPS = 4_000_000;
/** Errors that one validation may collect; nobody reads more. */
const MAX_ERRORS = 500;

/** A validation was given up. */
export class OverBudget extends Error {
  override readonly name = 'OverBudget';
}

let left = 0;

/** Runs a validation, in which `spend` counts. Validations are synchronous, so that there is one at a time. */
export function withinBudget<Value>(validate: (value: Value) => boolean, value: Value): boolean {
  left = MAX_STEPS;
  return validate(value);
}

/**
 * Called by the code that Ajv generates, before what it does.
 *
 * @param errors - that were found so far
 * @throws OverBudget
 */
export function spend(steps: number, errors: number): void {
  left -= steps;
  if (left < 0 || errors > MAX_ERRORS) throw new OverBudget();
}
