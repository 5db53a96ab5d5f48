import { _, Ajv, type Code, type KeywordCxt, type Options } from 'ajv';
import names from 'ajv/dist/compile/names';
import { Ajv2019 } from 'ajv/dist/2019';
import { Ajv2020 } from 'ajv/dist/2020';
import { spend } from './budget';
import { FORMATS } from './formats';
import { linearUniqueItems } from './unique-items';
import { isJsonObject } from '../../base/json';

/** Dialect of JSON Schema; draft 7 stands for the older ones. */
export type Dialect = '2020-12' | '2019-09' | 'draft-07';

const CLASSES = { '2020-12': Ajv2020, '2019-09': Ajv2019, 'draft-07': Ajv };

const OPTIONS: Options = {
  // Unknown keywords and formats are no errors.
  strict: false,
  logger: false,
  // Each reference is compiled once, however often it is used.
  inlineRefs: false,
  formats: FORMATS,
};

/**
 * Creates an instance for one schema: no other can change what it means. Its validators count their steps
 * (`withinBudget`).
 *
 * @param onKeyword - called with each keyword before code is generated for it; may throw
 */
export function isolatedAjv(
  dialect: Dialect,
  options: Options,
  onKeyword: (keyword: string, value: unknown) => void = () => undefined,
): Ajv {
  const ajv = new CLASSES[dialect]({ ...OPTIONS, ...options });
  for (const [keyword, rule] of Object.entries(ajv.RULES.all)) {
    if (typeof rule !== 'object' || !('code' in rule.definition)) continue;
    const { definition } = rule;
    const code = keyword === 'uniqueItems' ? linearUniqueItems({ ...definition }) : definition.code;
    const cost = COSTS[keyword];
    definition.code = (cxt, type) => {
      onKeyword(keyword, cxt.schema);
      if (cost && type !== 'number') count(cxt, cost(cxt));
      countSubschemas(cxt);
      code(cxt, type);
    };
  }
  return ajv;
}

/** Largest fixed number of steps that is not worth counting by itself. */
const MAX_UNCOUNTED = 8;

function count({ gen }: KeywordCxt, steps: Code | number): void {
  if (typeof steps === 'number' && steps <= MAX_UNCOUNTED) return;
  const spending = gen.scopeValue('func', { ref: spend });
  gen.code(_`${spending}(${steps}, ${names.errors})`);
}

/** Counts a step wherever the keyword validates a value by another schema, such as once for each item. */
function countSubschemas(cxt: KeywordCxt): void {
  const subschema = cxt.subschema.bind(cxt);
  cxt.subschema = (application, valid) => {
    if (!isPlainMember(cxt, application.schemaProp)) count(cxt, _`1`);
    return subschema(application, valid);
  };
}

/** Whether it is a member whose schema does not look below its value. */
function isPlainMember(
  { keyword, schema }: { keyword: string; schema: unknown },
  member: string | number = '',
): boolean {
  if (keyword !== 'properties' || !isJsonObject(schema)) return false;
  return Object.values(schema[member] ?? {}).every((value) => typeof value !== 'object');
}

const one = () => _`1`;
const perName = ({ schema }: KeywordCxt) => sizeOf(schema);
const perValue = ({ schema }: KeywordCxt) => valuesIn(schema);
const perItem = ({ data }: KeywordCxt) => _`${data}.length + 1`;
const perMember = ({ data }: KeywordCxt) => _`Object.keys(${data}).length + 1`;

/** Additional costs of keywords, in steps; the others cost next to nothing. */
const COSTS: Partial<Record<string, (cxt: KeywordCxt) => Code | number>> = {
  $ref: one,
  $dynamicRef: one,
  $recursiveRef: one,
  properties: perName,
  required: perName,
  dependentSchemas: perName,
  dependentRequired: perValue,
  dependencies: perValue,
  enum: perValue,
  const: perValue,
  uniqueItems: perItem,
  minLength: perItem,
  maxLength: perItem,
  format: perItem,
  patternProperties: (cxt) => _`${perName(cxt)} * (${perMember(cxt)})`,
  additionalProperties: perMember,
  unevaluatedProperties: perMember,
  propertyNames: perMember,
  minProperties: perMember,
  maxProperties: perMember,
};

function sizeOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length + 1 : 1;
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, member) => sum + valuesIn(member), 1);
}
