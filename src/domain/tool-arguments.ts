import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { canonicalJson } from './canonical-json';
import { type Json, type JsonObject } from './calls';
import { nearMatches } from './near-matches';
import { type ToolDefinition } from './tools';

const MAX_COMPILED = 1_000;
const MAX_SHOWN_PROBLEMS = 5;
const MAX_SHOWN_LENGTH = 60;

// Schemas come from servers. Unknown keywords and formats are their business, and so are equal `$id`s of two of them.
const OPTIONS = {
  strict: false,
  verbose: true,
  allErrors: true,
  logger: false,
  addUsedSchema: false,
} as const;
const draft2020 = addFormats(new Ajv2020(OPTIONS));
const draft7 = addFormats(new Ajv(OPTIONS));

/** False for a schema that does not compile. */
type Validator = ValidateFunction | false;
const byObject = new WeakMap<JsonObject, Validator>();
/** A refreshed tool list has new objects with the same content. */
const byContent = new Map<string, Validator>();

/** Undefined, or what is wrong with the arguments: which field, what was expected, and what was found. */
export function validateArguments(tool: ToolDefinition, args: JsonObject): string | undefined {
  const validate = validatorOf(tool.inputSchema);
  // A schema that we cannot read never blocks a call: the server decides.
  if (validate === false || validate(args)) return undefined;
  const problems = specific(validate.errors ?? []).map((error) => describe(error, args));
  return [...new Set(problems)].slice(0, MAX_SHOWN_PROBLEMS).join('; ');
}

function validatorOf(schema: JsonObject): Validator {
  const known = byObject.get(schema);
  if (known !== undefined) return known;
  const content = canonicalJson(schema);
  const validator = byContent.get(content) ?? compile(schema);
  byObject.set(schema, validator);
  byContent.set(content, validator);
  const [oldest] = byContent.keys();
  if (byContent.size > MAX_COMPILED && oldest !== undefined) byContent.delete(oldest);
  return validator;
}

/** JSON Schema 2020-12 is MCP's default; `$schema` may name an older one. */
function compile(schema: JsonObject): Validator {
  const isOlder = typeof schema.$schema === 'string' && /draft-0[4-7]/.test(schema.$schema);
  const ajv = isOlder ? draft7 : draft2020;
  try {
    return ajv.compile(schema);
  } catch {
    return false;
  } finally {
    ajv.removeSchema(schema); // its own cache would keep every schema for ever
  }
}

/** Where alternatives fail, what each of them misses says more than that none matches. */
function specific(errors: ErrorObject[]): ErrorObject[] {
  const leaves = errors.filter(({ keyword }) => !['anyOf', 'oneOf', 'if'].includes(keyword));
  return leaves.length > 0 ? leaves : errors;
}

function describe(error: ErrorObject, args: JsonObject): string {
  const path = segments(error.instancePath);
  const params: Record<string, unknown> = error.params;
  const member = (name: unknown) => `"${[...path, String(name)].join('.')}"`;
  if (error.keyword === 'required') return `${member(params.missingProperty)} is missing`;
  const unknown = params.additionalProperty ?? params.unevaluatedProperty;
  if (typeof unknown === 'string') {
    const near = nearMatches(unknown, knownMembers(error));
    const hint =
      near.length > 0 ? `; did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : '';
    return `${member(unknown)} is not known${hint}`;
  }
  const field = path.length > 0 ? `"${path.join('.')}"` : 'the arguments';
  return `${field} ${expectation(error)}, got ${shown(valueAt(args, path))}`;
}

function expectation({ keyword, params, message = 'is not valid' }: ErrorObject): string {
  const { allowedValues, allowedValue, type }: Record<string, unknown> = params;
  if (keyword === 'enum' && Array.isArray(allowedValues)) {
    return `must be one of ${allowedValues.map((value) => JSON.stringify(value)).join(', ')}`;
  }
  if (keyword === 'const') return `must be ${JSON.stringify(allowedValue)}`;
  if (keyword === 'type') return `must be of type ${[type].flat().join(' or ')}`;
  return message;
}

/** The members that the schema knows where an unknown one was found. */
function knownMembers({ parentSchema }: ErrorObject): string[] {
  const properties: unknown = parentSchema?.properties;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

/** The steps of a JSON pointer. */
function segments(pointer: string): string[] {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(root: Json, path: string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    return typeof value === 'object' && value !== null ? value[step] : undefined;
  }, root);
}

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH)}…`;
}
