import { matchesGlob } from '../../base/glob';
import { type Json, type JsonObject, isJsonObject } from '../../base/json';

/** Override of one argument of a tool. */
interface ArgumentOverride {
  /** Value on every call; clients do not see the argument. */
  value?: Json;
  /** Hides the argument from clients; it is set only when there is a `value` or `default`. */
  hide?: boolean;
  description?: string;
  /** Value when a call leaves it out. */
  default?: Json;
}

export interface ToolOverride {
  name?: string;
  title?: string;
  description?: string;
  arguments?: Record<string, ArgumentOverride>;
}

/** Rules by which a profile exposes its servers. Patterns of tools match `tool`, `server/tool` or the exposed name. */
export interface ProfileRules {
  /** Names, or patterns with `*` and `?`. */
  servers: string[];
  /** Prefixes of exposed names, by server. */
  aliases?: Record<string, string>;
  tools?: string[];
  exclude?: string[];
  /** Overrides by exposed name or `server/tool`. */
  overrides?: Record<string, ToolOverride>;
  /** Offers `search_tools` and `call_tool` in place of all tools except these. */
  search?: boolean | { always: string[] };
  systemPrompt?: string;
}

/** Names by which a pattern can match a tool. */
export interface ToolNames {
  server: string;
  tool: string;
  exposed: string;
}

/** Returns why a profile leaves a tool out; undefined when it includes it. */
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

/** Returns the override of this tool and the key that it was found by. */
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

/** Arguments that a profile sets on the calls of a tool. */
export interface SetArguments {
  /** Values set whatever the client sends. */
  pinned?: JsonObject;
  /** Values set when the client sends none. */
  defaults?: JsonObject;
  /** Names of arguments that the client may not send. */
  hidden?: readonly string[];
}

/** Returns a definition as a profile shows it, and the arguments that it sets on each call. */
export function overridden(
  definition: JsonObject,
  { title, description, arguments: argumentOverrides = {} }: ToolOverride,
): { definition: JsonObject } & SetArguments {
  const entries = Object.entries(argumentOverrides);
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
      ...(entries.length > 0 && {
        inputSchema: schemaWith(definition['inputSchema'], argumentOverrides),
      }),
    },
    ...(pinned && { pinned }),
    ...(defaults && { defaults }),
    ...(hidden.length > 0 && { hidden }),
  };
}

/** Returns the arguments of a call as the server gets them. */
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
  const values = entries.flatMap(([name, argument]): [string, Json][] => {
    const value = valueOf(argument);
    return value === undefined ? [] : [[name, value]];
  });
  return values.length > 0 ? Object.fromEntries(values) : undefined;
}

/** Returns the schema without hidden arguments; those with a default are not required. */
function schemaWith(
  schema: Json | undefined,
  argumentOverrides: Readonly<Record<string, ArgumentOverride>>,
): JsonObject {
  const { properties, required, ...rest } = isJsonObject(schema) ? schema : { type: 'object' };
  const argumentOf = (name: string) =>
    Object.hasOwn(argumentOverrides, name) ? argumentOverrides[name] : undefined;
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
