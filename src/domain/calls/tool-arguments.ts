import { type ErrorObject } from 'ajv';
import { didYouMean, nearMatches } from '../../base/nearest-names';
import { errorsOf } from '../schemas/check-value';
import { type ToolDefinition } from '../catalogue/tools';
import { type Json, type JsonObject } from '../../base/json';

const MAX_SHOWN_PROBLEMS = 5;
const MAX_SHOWN_LENGTH = 60;
const MAX_PROBLEM_LENGTH = 2_000;

/**
 * Returns what is wrong with the arguments (which field, what was expected, and what was found), or undefined. A schema
 * that cannot be compiled never blocks a call: the server decides. Never throws.
 */
export function validateArguments(tool: ToolDefinition, args: JsonObject): string | undefined {
  const errors = errorsOf(tool.inputSchema, args).filter((error) => !isNullByDefault(error));
  if (errors.length === 0) return undefined;
  const problems = new Set<string>();
  const shownAt = shownValues(args);
  for (const error of mostSpecific(errors)) {
    problems.add(cut(describe(error, shownAt), MAX_PROBLEM_LENGTH));
    if (problems.size === MAX_SHOWN_PROBLEMS) break;
  }
  return [...problems].join('; ');
}

/**
 * Whether the error is about a null default: generators write `"default": null` for an optional member, but only its
 * other type.
 */
function isNullByDefault({ keyword, data, parentSchema }: ErrorObject): boolean {
  return keyword === 'type' && data === null && parentSchema?.default === null;
}

/** Drops the errors of alternatives as a whole: what each of them misses says more than that none matches. */
function mostSpecific(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const leaves = errors.filter(({ keyword }) => !['anyOf', 'oneOf', 'if'].includes(keyword));
  return leaves.length > 0 ? leaves : errors;
}

function describe(error: ErrorObject, shownAt: (path: string[]) => string): string {
  const path = segments(error.instancePath);
  const params: Record<string, unknown> = error.params;
  const member = (name: unknown) => `"${[...path, String(name)].join('.')}"`;
  if (error.keyword === 'required') return `${member(params.missingProperty)} is missing`;
  const unknown = params.additionalProperty ?? params.unevaluatedProperty;
  if (typeof unknown === 'string') {
    const hint = didYouMean(nearMatches(unknown, knownMembers(error)), 'clause');
    return `${member(unknown)} is unknown${hint}`;
  }
  const field = path.length > 0 ? `"${path.join('.')}"` : 'the arguments';
  return `${field} ${expectation(error)}, got ${shownAt(path)}`;
}

function expectation({ keyword, params, message = 'is not valid' }: ErrorObject): string {
  const { allowedValues, allowedValue, type }: Record<string, unknown> = params;
  if (keyword === 'enum' && Array.isArray(allowedValues)) {
    return `must be one of ${listed(allowedValues)}`;
  }
  if (keyword === 'const') return `must be ${JSON.stringify(allowedValue)}`;
  if (keyword === 'type') return `must be of type ${[type].flat().join(' or ')}`;
  return message;
}

/** Returns the members that the schema defines where an unknown one was found. */
function knownMembers({ parentSchema }: ErrorObject): string[] {
  const properties: unknown = parentSchema?.properties;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

/** Returns the steps of a JSON pointer. */
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

/** Returns the start of a value, computed once per path: many errors may be about the same large one. */
function shownValues(args: JsonObject): (path: string[]) => string {
  const texts = new Map<string, string>();
  return (path) => {
    const key = path.join('/');
    const text = texts.get(key) ?? shown(valueAt(args, path));
    texts.set(key, text);
    return text;
  };
}

function shown(value: Json | undefined): string {
  return cut(JSON.stringify(value) ?? 'nothing', MAX_SHOWN_LENGTH);
}

/** Lists as many values as a person would read. */
function listed(values: readonly unknown[]): string {
  const texts: string[] = [];
  let length = 0;
  for (const value of values) {
    const text = JSON.stringify(value);
    texts.push(text);
    length += text.length;
    if (length > MAX_PROBLEM_LENGTH) break;
  }
  return texts.join(', ');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
