import { compileSchema } from './compile-schema';
import { SchemaCache } from './schema-cache';
import { type JsonObject } from '../../base/json';

interface CheckedOutput {
  /** False when there is none; absent until it is checked. */
  problem?: string | false;
}

const cache = new SchemaCache((): CheckedOutput => ({}));

/**
 * Returns why clients cannot compile the schema of a tool's output: such a schema costs them the whole list. A pattern
 * that only we do not support does not count.
 */
export function outputProblem(schema: JsonObject): string | undefined {
  const checked = cache.get(schema);
  checked.problem ??= problemOf(schema) ?? false;
  return checked.problem || undefined;
}

function problemOf(schema: JsonObject): string | undefined {
  const gaps = compileSchema(schema).gaps;
  return gaps.find(({ kind, what }) => kind === 'invalid' || what === 'schema')?.reason;
}
