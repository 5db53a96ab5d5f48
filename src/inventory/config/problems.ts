import { z } from 'zod';
import { didYouMean, nearMatches } from '../../base/nearest-names';
import { kindOf, shownValue } from './shown-value';

export type Path = readonly (string | number)[];

/** A problem in a document, with its path. */
export interface Problem {
  path: Path;
  message: string;
}

/** Members whose values may be secrets: errors show only the type of the value. */
const PRIVATE_MEMBERS = new Set<string | number>([
  ...['env', 'headers', 'args', 'url', 'secret', 'meta', 'userConfig', 'inputs', 'extra'],
  // members of other dialects
  ...['environmentVariables', 'packageArguments', 'runtimeArguments', 'variables'],
]);

/** Checks a document; describes problems in terms of the document, not of the schema language. */
export function checkDocument<Value>(
  schema: z.ZodType<Value>,
  document: unknown,
): { value: Value } | { problems: Problem[] } {
  try {
    const parsed = schema.safeParse(document);
    if (parsed.success) return { value: parsed.data };
    return { problems: parsed.error.issues.flatMap((issue) => describe(schema, document, issue)) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack is exhausted
    return { problems: [{ path: [], message: 'nested too deeply' }] };
  }
}

/** `mcpServers.github.args[2]` */
export function formatPath(path: Path): string {
  return path
    .map((member, index) => {
      if (typeof member === 'number') return `[${member}]`;
      return index === 0 ? member : `.${member}`;
    })
    .join('');
}

function describe(schema: z.ZodType, document: unknown, issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map((member) => (typeof member === 'symbol' ? String(member) : member));
  const value = valueAt(document, path);
  const got = path.some((member) => PRIVATE_MEMBERS.has(member))
    ? kindOf(value)
    : shownValue(value);
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the others speak for themselves
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `unknown member${hint(key, membersFor(schema, path, valueAt(document, [...path, key])))}`,
      }));
    case 'invalid_type':
      return [
        {
          path,
          message: worded(issue.message) ?? `expected ${nounOf(issue.expected)}, got ${got}`,
        },
      ];
    case 'invalid_value': {
      const options = issue.values.map((option) => JSON.stringify(option)).join(' or ');
      const near = typeof value === 'string' ? hint(value, issue.values.map(String)) : '';
      return [{ path, message: `expected ${options}, got ${got}${near}` }];
    }
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    default:
      return [{ path, message: issue.message }];
  }
}

/** Returns a message of our own, which Zod passes on unchanged. */
function worded(message: string): string | undefined {
  return message.startsWith('expected') ? message : undefined;
}

function hint(word: string, candidates: string[]): string {
  return didYouMean(nearMatches(word, candidates), 'clause');
}

function nounOf(expected: string): string {
  const nouns: Record<string, string> = {
    string: 'a string',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    object: 'an object',
    record: 'an object',
    array: 'a list',
  };
  return nouns[expected] ?? expected;
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, member) => {
    if (value === null || typeof value !== 'object') return undefined;
    return Object.entries(value).find(([key]) => key === String(member))?.[1];
  }, document);
}

/** Names of the members that the schema allows at this path and whose type fits the value. */
function membersFor(schema: z.ZodType, path: Path, value: unknown): string[] {
  return Object.entries(shapeAt(schema, path)).flatMap(([member, type]) =>
    type instanceof z.ZodType && type.safeParse(value).success ? [member] : [],
  );
}

function shapeAt(schema: unknown, path: Path): Readonly<Record<string, unknown>> {
  const bare = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const [member, ...rest] = path;
  if (bare instanceof z.ZodRecord) return shapeAt(bare.valueType, rest);
  if (bare instanceof z.ZodArray) return shapeAt(bare.element, rest);
  if (!(bare instanceof z.ZodObject)) return {};
  const shape: Record<string, unknown> = bare.shape;
  return member === undefined ? shape : shapeAt(shape[member], rest);
}
