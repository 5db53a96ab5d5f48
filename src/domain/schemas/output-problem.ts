import { compileSchema } from './compile-schema';
import { SchemaCache } from './schema-cache';
import { type JsonObject } from '../../base/json';

interface CheckedOutput {
  /** False when there is none; absent until it is looked at. */
  problem?: string | false;
}

const cache = new SchemaCache((): CheckedOutput => ({}));

/**
 * Why clients cannot compile the schema of what a tool answers: one that they cannot costs them the whole list. A pattern that only we do
 * not read is none of it.
 */
export function outputProblem(schema: JsonObject): string | undefined {
  const known = cache.get(schema);
  known.problem ??= problemOf(schema) ?? false;
  return known.problem || undefined;
}

function problemOf(schema: JsonObject): string | undefined {
  const gaps = compileSchema(schema).gaps;
  return gaps.find(({ kind, what }) => kind === 'invalid' || what === 'schema')?.reason;
}
