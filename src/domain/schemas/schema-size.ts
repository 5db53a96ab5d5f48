import { type Json, type JsonObject } from '../../base/json';

/** Largest schema that is compiled: members of objects in it, characters in it, and levels. */
const MAX_MEMBERS = 5_000;
const MAX_CHARACTERS = 256 * 1024;
const MAX_DEPTH = 128;
/** Longest `$id` or reference: each is resolved against others. */
const MAX_REFERENCE_LENGTH = 2_000;

const REFERENCES: ReadonlySet<string> = new Set(['$id', '$ref', '$dynamicRef', '$recursiveRef']);
/** Names that every JavaScript object seems to have: a member of one of these names may not really exist. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Facts about a schema that are needed before it is compiled. */
export interface SchemaSize {
  /** Reason why it cannot be compiled. */
  problem?: string;
  /** Whether it may require a member that objects inherit. */
  namesInherited: boolean;
}

/** Visits every value once, and stops at the first limit. */
export function measureSchema(schema: JsonObject): SchemaSize {
  const seen = { members: 0, characters: 0, namesInherited: false };
  const text = (value: string) => {
    seen.characters += value.length;
    if (INHERITED.has(value)) seen.namesInherited = true;
  };
  const excess = () => {
    if (seen.characters > MAX_CHARACTERS) return `it has more than ${MAX_CHARACTERS} characters`;
    return seen.members > MAX_MEMBERS ? `it has more than ${MAX_MEMBERS} members` : undefined;
  };
  const problemIn = (value: Json, depth: number): string | undefined => {
    if (depth > MAX_DEPTH) return `it is nested more than ${MAX_DEPTH} levels deep`;
    if (typeof value === 'string') text(value);
    else seen.characters += 1;
    const tooMuch = excess();
    if (tooMuch !== undefined) return tooMuch;
    if (value === Infinity || value === -Infinity) return 'it has a number that is too large';
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) return firstOf(value, (item) => problemIn(item, depth + 1));
    return firstOf(Object.entries(value), ([name, member]) => {
      seen.members += 1;
      text(name);
      return memberProblem(name, member) ?? problemIn(member, depth + 1);
    });
  };
  const problem = problemIn(schema, 1);
  return { ...(problem !== undefined && { problem }), namesInherited: seen.namesInherited };
}

function memberProblem(name: string, value: Json): string | undefined {
  // Ajv's own keyword: its validators answer with promises, which may reject.
  if (name === '$async') return 'it has a member "$async"';
  const isLong = typeof value === 'string' && value.length > MAX_REFERENCE_LENGTH;
  if (!isLong || !REFERENCES.has(name)) return undefined;
  return `its ${name} is longer than ${MAX_REFERENCE_LENGTH} characters`;
}

function firstOf<Item>(
  items: readonly Item[],
  problemOf: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
