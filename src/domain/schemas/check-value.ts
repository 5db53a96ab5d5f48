import { type ErrorObject } from 'ajv';
import { withinBudget } from './budget';
import { compileSchema, type SchemaValidate, type Thoroughness } from './compile-schema';
import { SchemaCache } from './schema-cache';
import { type Json, type JsonObject } from '../../base/json';

/** Time for which a validation that took too long is not tried again: it delays everything else. */
const RETRY_AFTER_MS = 60_000;

interface CachedValidator {
  thoroughness: Thoroughness;
  /** False when nothing is checked; absent until it is compiled. */
  validate?: SchemaValidate | false;
  retryAtMs?: number;
}

const cache = new SchemaCache((): CachedValidator => ({ thoroughness: 'all errors' }));

/**
 * Returns what is wrong with a value by a foreign schema: nothing either when the schema cannot be compiled, or the
 * value would take too long. Never throws.
 */
export function errorsOf(schema: JsonObject, value: Json): readonly ErrorObject[] {
  const compiled = cache.get(schema);
  if (compiled.retryAtMs !== undefined && Date.now() < compiled.retryAtMs) return [];
  const errors = attempt(compiled, schema, value);
  if (errors) return errors;
  if (compiled.thoroughness === 'all errors') {
    // Nested alternatives take much longer to check in full than to refuse, and so do many errors.
    compiled.thoroughness = 'first error';
    compiled.validate = undefined;
    return errorsOf(schema, value);
  }
  compiled.retryAtMs = Date.now() + RETRY_AFTER_MS;
  return [];
}

/** Returns the errors, or undefined when the validation was aborted. */
function attempt(
  compiled: CachedValidator,
  schema: JsonObject,
  value: Json,
): ErrorObject[] | undefined {
  const validate = (compiled.validate ??=
    compileSchema(schema, compiled.thoroughness).validate ?? false);
  if (!validate) return [];
  try {
    return withinBudget(validate, value) ? [] : (validate.errors ?? []);
  } catch {
    return undefined; // over the budget, or a circular reference has overflowed the stack
  }
}
