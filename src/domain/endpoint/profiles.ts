import { matchesGlob } from '../../base/glob';
import { type Json, type JsonObject, isJsonObject } from '../../base/json';

/** What a profile says about one argument of a tool. */
interface ArgumentOverride {
  /** Set on every call; clients do not see the argument. */
  value?: Json;
  /** Clients do not see it; it is set only when there is a `value` or `default`. */
  hide?: boolean;
  description?: string;
  /** Set when a call leaves it out. */
  default?: Json;
}

export interface ToolOverride {
  name?: string;
  title?: string;
  description?: string;
  arguments?: Record<string, ArgumentOverride>;
}

/** What a profile makes of the servers it has. Patterns of tools name `tool`, `server/tool` or the exposed name. */
export interface ProfileRules {
  /** Names, or names with `*` and `?`. */
  servers: string[];
  /** By server: what stands before its names. */
  aliases?: Record<string, string>;
  tools?: string[];
  exclude?: string[];
  /** By exposed name or `server/tool`. */
  overrides?: Record<string, ToolOverride>;
  /** Offers `search_tools` and `call_tool` in place of all tools but these. */
  search?: boolean | { always: string[] };
  systemPrompt?: string;
}

/** The names that a pattern may mean a tool by. */
export interface ToolNames {
  server: string;
  tool: string;
  exposed: string;
}

/** Why a profile leaves a tool out; undefined when it has it. */
export function whyLeftOut(
  { tools, exclude = [] }: ProfileRules,
  names: ToolNames,
): string | undefined {
  if (tools && !matchesAny(tools, names)) return 'not included by "tools" of the profile';
  const excluding = exclude.find((pattern) => matchesAny([pattern], names));
  return excluding === undefined
    ? undefined
    : `excluded by "exclude" of the profile (${excluding})`;
}

export function matchesAny(
  patterns: readonly string[],
  { server, tool, exposed }: ToolNames,
): boolean {
  const texts = [tool, `${server}/${tool}`, exposed];
  return patterns.some((pattern) => texts.some((text) => matchesGlob(pattern, text)));
}

/** The keys that an override of this tool may have. */
export function overrideOf(
  { overrides = {} }: ProfileRules,
  { server, tool, exposed }: ToolNames,
): { key: string; override: ToolOverride } | undefined {
  for (const key of [`${server}/${tool}`, exposed]) {
    const override = Object.hasOwn(overrides, key) ? overrides[key] : undefined;
    if (override) return { key, override };
  }
  return undefined;
}

/** What a profile sets on the calls of a tool. */
export interface SetArguments {
  /** Whatever the client sends. */
  pinned?: JsonObject;
  /** When the client sends none. */
  defaults?: JsonObject;
  /** Not the client's to send. */
  hidden?: readonly string[];
}

/** A definition as a profile shows it, and what it sets on each call. */
export function overridden(
  definition: JsonObject,
  { title, description, arguments: told = {} }: ToolOverride,
): { definition: JsonObject } & SetArguments {
  const entries = Object.entries(told);
  const isHidden = ({ value, hide }: ArgumentOverride) => value !== undefined || hide === true;
  const hidden = entries.filter(([, argument]) => isHidden(argument)).map(([name]) => name);
  const pinned = valuesOf(entries, ({ value }) => value);
  const defaults = valuesOf(entries, ({ value, default: fallback }) =>
    value === undefined ? fallback : undefined,
  );
  return {
    definition: {
      ...definition,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(entries.length > 0 && { inputSchema: schemaWith(definition['inputSchema'], told) }),
    },
    ...(pinned && { pinned }),
    ...(defaults && { defaults }),
    ...(hidden.length > 0 && { hidden }),
  };
}

/** The arguments of a call as the server gets them. */
export function argumentsWith(
  { pinned, defaults, hidden = [] }: SetArguments,
  sent: JsonObject,
): JsonObject {
  if (!pinned && !defaults && hidden.length === 0) return sent;
  const own = Object.entries(sent).filter(([name]) => !hidden.includes(name));
  return { ...defaults, ...Object.fromEntries(own), ...pinned };
}

function valuesOf(
  entries: readonly [string, ArgumentOverride][],
  valueOf: (argument: ArgumentOverride) => Json | undefined,
): JsonObject | undefined {
  const found = entries.flatMap(([name, argument]): [string, Json][] => {
    const value = valueOf(argument);
    return value === undefined ? [] : [[name, value]];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** The schema without what is hidden; what has a default need not be sent. */
function schemaWith(
  schema: Json | undefined,
  told: Readonly<Record<string, ArgumentOverride>>,
): JsonObject {
  const { properties, required, ...rest } = isJsonObject(schema) ? schema : { type: 'object' };
  const argumentOf = (name: string) => (Object.hasOwn(told, name) ? told[name] : undefined);
  const shown = Object.entries(isJsonObject(properties) ? properties : {}).flatMap(
    ([name, property]): [string, Json][] => {
      const argument = argumentOf(name);
      if (!argument) return [[name, property]];
      if (argument.hide || argument.value !== undefined) return [];
      return [[name, propertyWith(property, argument)]];
    },
  );
  const needed = (Array.isArray(required) ? required : []).filter((name) => {
    const argument = typeof name === 'string' ? argumentOf(name) : undefined;
    return !argument?.hide && argument?.value === undefined && argument?.default === undefined;
  });
  return {
    ...rest,
    properties: Object.fromEntries(shown),
    ...(needed.length > 0 && { required: needed }),
  };
}

function propertyWith(
  property: Json,
  { description, default: fallback }: ArgumentOverride,
): JsonObject {
  return {
    ...(isJsonObject(property) && property),
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
  };
}
