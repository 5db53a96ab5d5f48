import { type ErrorObject } from 'ajv';
import { withinBudget } from './budget';
import { compileSchema, type SchemaValidate, type Thoroughness } from './compile-schema';
import { SchemaCache } from './schema-cache';
import { type Json, type JsonObject } from '../../base/json';

/** A validation that took too long is not tried again for this long: it holds everything else up. */
const REST_MS = 60_000;

interface CompiledSchemas {
  thoroughness: Thoroughness;
  /** False when nothing is checked; absent until it is compiled. */
  validate?: SchemaValidate | false;
  restsUntilMs?: number;
}

const cache = new SchemaCache((): CompiledSchemas => ({ thoroughness: 'all errors' }));

/**
 * What is wrong with a value by a schema of somebody else: nothing, too, where the schema cannot be compiled, or the value would
 * take too long. Throws nothing.
 */
export function errorsOf(schema: JsonObject, value: Json): readonly ErrorObject[] {
  const known = cache.get(schema);
  if (known.restsUntilMs !== undefined && Date.now() < known.restsUntilMs) return [];
  const errors = attempt(known, schema, value);
  if (errors) return errors;
  if (known.thoroughness === 'all errors') {
    // Alternatives within alternatives take much longer to look through than to refuse, and so do many errors.
    known.thoroughness = 'first error';
    known.validate = undefined;
    return errorsOf(schema, value);
  }
  known.restsUntilMs = Date.now() + REST_MS;
  return [];
}

/** Undefined when it was given up. */
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
    return undefined; // over the budget, or a reference that leads back to itself has overflown the stack
  }
}
