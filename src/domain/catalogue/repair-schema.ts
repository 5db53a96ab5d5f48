import { isJsonObject, type Json, type JsonObject } from '../../base/json';

/** Part of a definition in the form that every client accepts, with notes on the changes. Each note completes "the tool …". */
export interface RepairedSchema<Part> {
  part: Part;
  notes: string[];
}

/**
 * Returns the schema of a tool's arguments in a form that all clients accept. Arguments are always an object, so
 * nothing that is said about them is lost. A schema that says nothing accepts all of them, and the server decides.
 */
export function repairInputSchema(schema: Json | undefined): RepairedSchema<JsonObject> {
  if (isJsonObject(schema)) return repairedSchema(schema, 'inputSchema');
  const found =
    schema === undefined ? 'no inputSchema' : `an inputSchema that is ${kindOf(schema)}`;
  const notes = [`has ${found} (any arguments are accepted)`];
  return { part: { type: 'object' }, notes };
}

/** Returns the schema of a tool's output; an invalid one is dropped. Its type may be other than an object. */
export function repairOutputSchema(
  schema: Json | undefined,
): RepairedSchema<JsonObject | undefined> {
  if (schema === undefined) return { part: undefined, notes: [] };
  if (isJsonObject(schema)) return withoutId(repairedMembers(schema, 'outputSchema'));
  const note = `has an outputSchema that is ${kindOf(schema)} (dropped)`;
  return { part: undefined, notes: [note] };
}

/**
 * Returns an output schema that clients of versions before 2026-07-28 accept: it must describe an object, or they
 * refuse the whole list.
 */
export function legacyOutputSchema(schema: JsonObject): JsonObject | undefined {
  const { type, properties } = schema;
  if (type === 'object') return schema;
  const isAboutObject = type === undefined && isJsonObject(properties);
  return isAboutObject ? { ...schema, type: 'object' } : undefined;
}

/** Drops the "$id": clients keep schemas by ID, and of two with the same one, from any servers, they would use the first. */
function withoutId({
  part,
  notes,
}: RepairedSchema<JsonObject>): RepairedSchema<JsonObject | undefined> {
  const { $id, ...others } = part;
  const isBound = hasText(others, '$id') || ($id !== undefined && refersToId(others));
  if (isBound) {
    const note = 'has an outputSchema that refers to itself by an "$id" (dropped)';
    return { part: undefined, notes: [...notes, note] };
  }
  if ($id === undefined) return { part, notes };
  return {
    part: others,
    notes: [...notes, 'has an outputSchema with an "$id" (the "$id" was dropped)'],
  };
}

function refersToId(schema: Json): boolean {
  return hasText(schema, '$ref', (reference) => !reference.startsWith('#'));
}

/** Whether there is a string with this name, however deep. */
function hasText(
  value: Json,
  name: string,
  isMeant: (text: string) => boolean = () => true,
): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => hasText(item, name, isMeant));
  return Object.entries(value).some(([key, member]) => {
    if (key === name && typeof member === 'string') return isMeant(member);
    return hasText(member, name, isMeant);
  });
}

function repairedSchema(original: JsonObject, member: string): RepairedSchema<JsonObject> {
  const { part, notes } = repairedMembers(original, member);
  const { type } = part;
  if (type === 'object') return { part, notes };
  const found = type === undefined ? 'without a "type"' : `of type ${JSON.stringify(type)}`;
  const note = `has an ${member} ${found} (treated as "object")`;
  return { part: { ...part, type: 'object' }, notes: [note, ...notes] };
}

function repairedMembers(original: JsonObject, member: string): RepairedSchema<JsonObject> {
  const notes: string[] = [];
  const note = (name: string, what: string) => notes.push(`has ${member}.${name} that ${what}`);
  const { properties, required, $schema, ...part } = original;
  const kept: JsonObject = { ...part };
  if (typeof $schema === 'string') kept['$schema'] = $schema;
  else if ($schema !== undefined) note('$schema', `is ${kindOf($schema)} (dropped)`);
  if (isJsonObject(properties)) {
    kept['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, schema]): [string, Json] => {
        if (isJsonObject(schema)) return [name, schema];
        const meaning = schema === false ? 'allows nothing' : 'allows anything';
        note(`properties.${name}`, `is ${kindOf(schema)} (replaced by a schema that ${meaning})`);
        return [name, schema === false ? { not: {} } : {}];
      }),
    );
  } else if (properties !== undefined) {
    note('properties', `is ${kindOf(properties)} (dropped)`);
  }
  if (Array.isArray(required)) {
    const names = required.filter((name) => typeof name === 'string');
    kept['required'] = names;
    if (names.length < required.length)
      note('required', 'contains more than names (the rest was dropped)');
  } else if (required !== undefined) note('required', `is ${kindOf(required)} (dropped)`);
  // Unchanged if nothing was corrected: comparisons of lists rely on it.
  return { part: notes.length > 0 ? kept : original, notes };
}

/** Names the JSON type of a value. */
function kindOf(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
