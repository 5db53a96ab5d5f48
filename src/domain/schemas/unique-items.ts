import { _, type CodeKeywordDefinition, type KeywordCxt } from 'ajv';
import names from 'ajv/dist/compile/names';
import { getSchemaTypes } from 'ajv/dist/compile/validate/dataType';
import { canonicalJson } from '../../base/canonical-json';
import { spend } from './budget';
import { type Json } from '../../base/json';

/**
 * Checks `uniqueItems` in linear time: Ajv compares each item with each, unless the schema declares them all scalars.
 *
 * @param ajvs - Ajv's own definition, which reports errors with the same parameters
 */
export function linearUniqueItems(ajvs: CodeKeywordDefinition): CodeKeywordDefinition['code'] {
  return (cxt) => {
    if (cxt.schema !== true || hasScalarItems(cxt)) return ajvs.code(cxt);
    const { gen, data } = cxt;
    const find = gen.scopeValue('func', { ref: findTwins });
    const twins = gen.const('twins', _`${find}(${data}, ${names.errors})`);
    cxt.setParams({ i: _`${twins}.i`, j: _`${twins}.j` });
    cxt.fail(_`${twins} !== undefined`);
  };
}

function hasScalarItems({ parentSchema }: KeywordCxt): boolean {
  const items: unknown = parentSchema['items'];
  if (typeof items !== 'object' || items === null || Array.isArray(items)) return false;
  const types = getSchemaTypes(items);
  return types.length > 0 && !types.some((type) => type === 'object' || type === 'array');
}

/** Returns the last item that equals an earlier one, and the last of those. */
function findTwins(items: readonly Json[], errors: number): { i: number; j: number } | undefined {
  const seen = new Map<string, number>();
  let twins: { i: number; j: number } | undefined;
  items.forEach((item, i) => {
    const text = canonicalJson(item);
    spend(text.length, errors);
    const j = seen.get(text);
    if (j !== undefined) twins = { i, j };
    seen.set(text, i);
  });
  return twins;
}
