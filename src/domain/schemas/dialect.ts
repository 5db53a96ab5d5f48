import { type ValidateFunction } from 'ajv';
import { withinBudget } from './budget';
import { type Dialect, isolatedAjv } from './isolated-ajv';
import { type JsonObject } from '../../base/json';

const METASCHEMAS: Record<Dialect, string> = {
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
  '2019-09': 'https://json-schema.org/draft/2019-09/schema',
  'draft-07': 'http://json-schema.org/draft-07/schema',
};

/**
 * Returns the dialect of a schema. 2020-12 is MCP's default; `$schema` may name an older one. Any other value of it is
 * ignored.
 */
export function dialectOf({ $schema }: JsonObject): Dialect {
  const named = typeof $schema === 'string' ? $schema : '';
  if (/draft-0[4-7]/.test(named)) return 'draft-07';
  return named.includes('2019-09') ? '2019-09' : '2020-12';
}

/**
 * Returns where something is not a schema of this dialect; undefined if it is one.
 *
 * @throws OverBudget
 */
export function dialectProblem(schema: JsonObject, dialect: Dialect): string | undefined {
  const validate = metaValidator(dialect);
  if (withinBudget(validate, schema)) return undefined;
  const [error] = validate.errors ?? [];
  return `${error?.instancePath || 'it'} ${error?.message ?? 'is not valid'}`;
}

const validators = new Map<Dialect, ValidateFunction>();

function metaValidator(dialect: Dialect): ValidateFunction {
  let validator = validators.get(dialect);
  if (!validator) {
    // Its own schemas, which nothing is ever added to.
    validator = isolatedAjv(dialect, {}).getSchema(METASCHEMAS[dialect]);
    if (!validator) throw new RangeError(`no schema of ${dialect}`);
    validators.set(dialect, validator);
  }
  return validator;
}
