import { type Digest, exposedNames, plainName } from './exposed-names';
import { isOurs, wrapTemplate, wrapUri } from './exposed-uris';
import { matchesGlob } from '../../base/glob';
import { type ServerListing } from './server-listing';
import { didYouMean, nearMatches } from '../../base/nearest-names';
import {
  matchesAny,
  overridden,
  overrideOf,
  type ProfileRules,
  type SetArguments,
  type ToolNames,
  type ToolOverride,
  whyLeftOut,
} from './profiles';
import { type ToolDefinition } from '../catalogue/tools';
import { isJsonObject, type JsonObject } from '../../base/json';

export interface ExposedTool extends SetArguments {
  /** Name as clients see it. */
  name: string;
  server: string;
  /** Name as the server knows it. */
  tool: string;
  /** Definition as clients see it: name, description and schema may be the profile's. */
  definition: JsonObject;
  /** Whether it is listed even where clients search for the others. */
  always: boolean;
}

export interface ExposedPrompt {
  name: string;
  server: string;
  prompt: string;
  definition: JsonObject;
}

export interface ExposedResource {
  uri: string;
  server: string;
  /** URI as the server knows it. */
  original: string;
  definition: JsonObject;
}

/** Content of an endpoint: what it exposes of its servers, and what it leaves out. */
export interface EndpointContent {
  /** Servers of the endpoint, sorted by name. */
  servers: ServerListing[];
  tools: ExposedTool[];
  prompts: ExposedPrompt[];
  resources: ExposedResource[];
  templates: ExposedResource[];
  leftOut: LeftOut[];
  /** Problems that the owner of the profile should know about. */
  warnings: string[];
}

interface LeftOut {
  server: string;
  /** Absent when the whole server is left out. */
  tool?: string;
  why: string;
}

/** Exposes all servers, under names that distinguish them. */
export const EVERYTHING: ProfileRules = { servers: ['*'] };

/** Names of our own tools at endpoints that search. */
export const SEARCH_TOOL = 'search_tools';
export const CALL_TOOL = 'call_tool';

/** Returns what a profile, or `EVERYTHING`, exposes. The listings come sorted by server. */
export function expose(
  listings: readonly ServerListing[],
  rules: ProfileRules,
  digest: Digest,
): EndpointContent {
  const included = listings.filter(({ server }) =>
    rules.servers.some((pattern) => matchesGlob(pattern, server)),
  );
  const servers = included.filter(({ hidden }) => hidden === undefined);
  const hidden = included.flatMap(({ server, hidden: why }) => (why ? [{ server, why }] : []));
  const { tools, leftOut, used, names } = exposeTools(servers, rules, digest);
  return {
    servers,
    tools,
    prompts: exposePrompts(servers, rules, digest),
    resources: exposeResources(servers, 'resources', 'uri', wrapUri),
    templates: exposeResources(servers, 'templates', 'uriTemplate', wrapTemplate),
    leftOut: [...hidden, ...leftOut],
    warnings: [
      ...warningsOf(rules, listings, { used, leftOut }),
      // It is unknown what a hidden server will list.
      ...(hidden.length === 0 ? unmatchedTools(rules, names) : []),
    ],
  };
}

/** Exposes one server exactly as it lists itself. */
export function exposeServer(listing: ServerListing): EndpointContent {
  const { server, hidden } = listing;
  const none = { prompts: [], resources: [], templates: [], warnings: [] };
  if (hidden) return { ...none, servers: [], tools: [], leftOut: [{ server, why: hidden }] };
  const original = (_server: string, uri: string) => uri;
  return {
    servers: [listing],
    tools: shownTools(listing).map((definition) => ({
      name: definition.name,
      server,
      tool: definition.name,
      always: true,
      definition: plain(definition),
    })),
    prompts: named(listing.offer?.prompts, 'name').map(([name, definition]) => ({
      name,
      server,
      prompt: name,
      definition,
    })),
    resources: exposeResources([listing], 'resources', 'uri', original),
    templates: exposeResources([listing], 'templates', 'uriTemplate', original),
    leftOut: blockedTools(listing),
    warnings: [],
  };
}

interface Candidate {
  server: string;
  tool: string;
  definition: ToolDefinition;
  prefix: string;
}

function exposeTools(servers: readonly ServerListing[], rules: ProfileRules, digest: Digest) {
  const all = servers.flatMap((listing) =>
    shownTools(listing).map((definition): Candidate => ({
      server: listing.server,
      tool: definition.name,
      definition,
      prefix: prefixOf(listing.server, rules),
    })),
  );
  const namesOf = ({ server, tool, prefix }: Candidate): ToolNames => ({
    server,
    tool,
    exposed: plainName({ prefix, original: tool }),
  });
  const judged = all.map((one) => ({ one, why: whyLeftOut(rules, namesOf(one)) }));
  const kept = judged.filter(({ why }) => why === undefined).map(({ one }) => one);
  const overrides = kept.map((one) => overrideOf(rules, namesOf(one)));
  const names = exposedNames(
    kept.map(({ server, tool, prefix }, index) => ({
      server,
      original: tool,
      prefix,
      chosen: overrides[index]?.override.name,
    })),
    digest,
    new Set(rules.search ? [SEARCH_TOOL, CALL_TOOL] : []),
  );
  const always = typeof rules.search === 'object' ? rules.search.always : [];
  const tools = kept.map((one, index): ExposedTool => {
    const name = names[index] ?? one.tool;
    const isListed =
      !rules.search ||
      matchesAny(always, namesOf(one)) ||
      matchesAny(always, { ...namesOf(one), exposed: name });
    return exposedTool(one, name, overrides[index]?.override ?? {}, isListed);
  });
  const omitted = judged.flatMap(({ one: { server, tool }, why }) =>
    why === undefined ? [] : [{ server, tool, why }],
  );
  return {
    tools: tools.sort(byName),
    leftOut: [...servers.flatMap(blockedTools), ...omitted],
    used: new Set(overrides.flatMap((one) => one?.key ?? [])),
    names: [...all.map(namesOf), ...servers.flatMap(unseenNames)],
  };
}

function exposedTool(
  { server, tool, definition }: Candidate,
  name: string,
  override: ToolOverride,
  always: boolean,
): ExposedTool {
  const { definition: shown, ...set } = overridden(plain(definition), override);
  return { name, server, tool, always, ...set, definition: { ...shown, name } };
}

function exposePrompts(
  servers: readonly ServerListing[],
  rules: ProfileRules,
  digest: Digest,
): ExposedPrompt[] {
  const prompts = servers.flatMap(({ server, offer }) =>
    named(offer?.prompts, 'name').map(([prompt, definition]) => ({ server, prompt, definition })),
  );
  const items = prompts.map(({ server, prompt }) => ({
    server,
    original: prompt,
    prefix: prefixOf(server, rules),
  }));
  const names = exposedNames(items, digest);
  return prompts
    .map(({ server, prompt, definition }, index) => {
      const name = names[index] ?? prompt;
      return { name, server, prompt, definition: { ...definition, name } };
    })
    .sort(byName);
}

function exposeResources(
  servers: readonly ServerListing[],
  kind: 'resources' | 'templates',
  member: 'uri' | 'uriTemplate',
  wrap: (server: string, original: string) => string,
): ExposedResource[] {
  const found = servers.flatMap(({ server, offer }) =>
    named(offer?.[kind], member).map(([original, definition]) => ({
      server,
      original,
      definition,
    })),
  );
  const counts = new Map<string, number>();
  for (const { original } of found) counts.set(original, (counts.get(original) ?? 0) + 1);
  return found.map(({ server, original, definition }) => {
    const isFree = counts.get(original) === 1 && !isOurs(original);
    if (isFree) return { uri: original, server, original, definition };
    const uri = wrap(server, original);
    return { uri, server, original, definition: { ...definition, [member]: uri } };
  });
}

/**
 * Returns the tools that clients may see. A tool that an operator has to approve first stays hidden: it may be there to
 * mislead them.
 */
function shownTools({ tools, blocked, switchedOff }: ServerListing): ToolDefinition[] {
  const seen = new Set<string>();
  return tools.filter(({ name }) => {
    const isShown = !blocked.has(name) && !switchedOff.has(name) && !seen.has(name);
    seen.add(name);
    return isShown;
  });
}

function blockedTools({ server, blocked, switchedOff }: ServerListing): LeftOut[] {
  const why = `it has changed; review and approve it: mainspring approve ${server}`;
  const off = [...switchedOff].filter(([tool]) => !blocked.has(tool));
  return [
    ...[...blocked].map((tool) => ({ server, tool, why })),
    ...off.map(([tool, reason]) => ({ server, tool, why: reason })),
  ];
}

/** Returns the names of existing tools that clients do not see. */
function unseenNames({ server, blocked, switchedOff }: ServerListing): ToolNames[] {
  const unseen = [...blocked, ...switchedOff.keys()];
  return unseen.map((tool) => ({ server, tool, exposed: tool }));
}

/** Returns definitions by the member that names them, each name once. */
function named(definitions: readonly JsonObject[] = [], member: string): [string, JsonObject][] {
  const byKey = new Map<string, JsonObject>();
  for (const definition of definitions) {
    const key = definition[member];
    if (typeof key === 'string' && !byKey.has(key)) byKey.set(key, definition);
  }
  return [...byKey];
}

function prefixOf(server: string, { aliases = {} }: ProfileRules): string {
  return (Object.hasOwn(aliases, server) ? aliases[server] : undefined) ?? server;
}

function warningsOf(
  rules: ProfileRules,
  listings: readonly ServerListing[],
  { used, leftOut }: { used: ReadonlySet<string>; leftOut: readonly LeftOut[] },
): string[] {
  const { servers, aliases = {}, overrides = {} } = rules;
  const names = listings.map(({ server }) => server);
  const missing = servers.filter((pattern) => !names.some((name) => matchesGlob(pattern, name)));
  const foreign = Object.keys(aliases).filter((name) => !names.includes(name));
  // It is unknown what a hidden server will list.
  const away = listings.filter(({ hidden }) => hidden !== undefined).map(({ server }) => server);
  const isAway = (key: string) =>
    away.some(
      (server) => key.startsWith(`${server}/`) || key.startsWith(`${prefixOf(server, rules)}__`),
    );
  const omitted = new Set(leftOut.map(({ server, tool }) => `${server}/${tool}`));
  const idle = Object.keys(overrides).filter((key) => !used.has(key) && !isAway(key));
  return [
    ...missing.map((name) => `servers: there is no server "${name}"`),
    ...foreign.map((name) => `aliases: there is no server "${name}"`),
    ...idle.map((key) =>
      omitted.has(key)
        ? `overrides: "${key}" is excluded from this profile`
        : `overrides: "${key}" is not a tool of this profile`,
    ),
  ];
}

/** Returns warnings about patterns that match no tool of the profile's servers, such as a name with a typing mistake. */
function unmatchedTools(rules: ProfileRules, names: readonly ToolNames[]): string[] {
  const warnings = (['tools', 'exclude'] as const).map((member) => {
    const unmatched = (rules[member] ?? []).filter(
      (pattern) => !names.some((tool) => matchesAny([pattern], tool)),
    );
    return unmatched.map((pattern) => {
      const near = nearMatches(pattern, [...new Set(names.map(({ tool }) => tool))]);
      const hint = didYouMean(near, 'clause');
      return `${member}: no server of this profile has a tool "${pattern}"${hint}`;
    });
  });
  return warnings.flat();
}

/** Returns a definition as plain JSON, which it is in any case: only its type says more. */
function plain(definition: unknown): JsonObject {
  return isJsonObject(definition) ? definition : {};
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
