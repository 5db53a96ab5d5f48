import { type ErrorObject } from 'ajv';
import { withinBudget } from './budget';
import { compileSchema, type SchemaValidate, type Thoroughness } from './compile-schema';
import { SchemaCache } from './schema-cache';
import { type Json, type JsonObject } from '../../base/json';

/** Time for which a validation that took too long is not tried again: it delays everything else. */
const REST_MS = 60_000;

interface CompiledSchemas {
  thoroughness: Thoroughness;
  /** False when nothing is checked; absent until it is compiled. */
  validate?: SchemaValidate | false;
  restsUntilMs?: number;
}

const cache = new SchemaCache((): CompiledSchemas => ({ thoroughness: 'all errors' }));

/**
 * Returns what is wrong with a value by a foreign schema: nothing either when the schema cannot be compiled, or the
 * value would take too long. Never throws.
 */
export function errorsOf(schema: JsonObject, value: Json): readonly ErrorObject[] {
  const known = cache.get(schema);
  if (known.restsUntilMs !== undefined && Date.now() < known.restsUntilMs) return [];
  const errors = attempt(known, schema, value);
  if (errors) return errors;
  if (known.thoroughness === 'all errors') {
    // Nested alternatives take much longer to check in full than to refuse, and so do many errors.
    known.thoroughness = 'first error';
    known.validate = undefined;
    return errorsOf(schema, value);
  }
  known.restsUntilMs = Date.now() + REST_MS;
  return [];
}

/** Returns the errors, or undefined when the validation was aborted. */
function attempt(
  known: CompiledSchemas,
  schema: JsonObject,
  value: Json,
): ErrorObject[] | undefined {
  const validate = (known.validate ??= compileSchema(schema, known.thoroughness).validate ?? false);
  if (!validate) return [];
  try {
    return withinBudget(validate, value) ? [] : (validate.errors ?? []);
  } catch {
    return undefined; // over the budget, or a circular reference has overflowed the stack
  }
}
