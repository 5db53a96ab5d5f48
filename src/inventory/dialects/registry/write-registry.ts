import { canonicalJson } from '../../../base/canonical-json';
import { type ServerEntry } from '../../config/config-schema';
import { type MemberTexts, textOf } from '../../fields/member-text';
import { type NamedEntry, extraOf, isObject, type WriteResult } from '../dialect';
import { withVariables } from '../input-variables';
import { readRegistry } from './registry';
import { type Json, type JsonObject } from '../../../base/json';

const SCHEMA = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json';
const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}$/;
/** `name@1.2.3` of npm and uvx; a name of npm may start with an @. */
const EXACT = /^(@?[^@]+)@(\d[^@]*)$/;
const NO_VERSION = '0.0.0';

/** Writes one server as a `server.json`: the original one, unless the server was changed since. */
export function writeRegistry(server: NamedEntry): WriteResult {
  const { name, entry } = server;
  const original = extraOf(entry, 'registry');
  if (isUnchanged(entry, original)) return { document: original, warnings: [] };
  const found = describe(withVariables(entry));
  const warnings = [
    `${name}: replace "local/${name}" with a name in your own namespace before you publish it`,
    ...(found.packages || found.remotes
      ? []
      : [`${name}: the registry format does not support this kind of server`]),
  ];
  const document = {
    $schema: SCHEMA,
    name: `local/${name}`,
    description: `MCP server ${name}`,
    version: found.version ?? NO_VERSION,
    ...(found.packages && { packages: [found.packages] }),
    ...(found.remotes && { remotes: [found.remotes] }),
  };
  return { document, warnings };
}

function isUnchanged(entry: ServerEntry, original: JsonObject): boolean {
  if (Object.keys(original).length === 0) return false;
  const [read] = readRegistry(original, []).servers;
  if (!read || !isObject(read.entry)) return false;
  return canonicalJson(withoutExtra(read.entry)) === canonicalJson(withoutExtra(entry));
}

function withoutExtra<Entry extends object>(entry: Entry) {
  return Object.fromEntries(Object.entries(entry).filter(([member]) => member !== 'extra'));
}

interface Described {
  version?: string;
  packages?: JsonObject;
  remotes?: JsonObject;
}

function describe(entry: ServerEntry): Described {
  const { command, args = [], url } = entry;
  if (entry.mcpb !== undefined) return describeBundle(entry);
  if (command === undefined) return url === undefined ? {} : { remotes: remoteOf(entry, url) };
  if (/^(?:npx|bunx)$/.test(command)) return describePackage(entry, 'npm', args);
  if (command === 'uvx') return describePackage(entry, 'pypi', args);
  return {};
}

function describePackage(entry: ServerEntry, registryType: string, args: string[]): Described {
  const at = args.findIndex((arg) => !arg.startsWith('-'));
  const spec = args[at];
  if (spec === undefined) return {};
  const [, identifier = spec, version] = EXACT.exec(spec) ?? [];
  const before = args.slice(0, at).filter((arg) => arg !== '-y' && arg !== '--yes');
  const described = {
    registryType,
    identifier,
    ...(version !== undefined && { version }),
    transport: { type: 'stdio' },
    ...(before.length > 0 && { runtimeArguments: before.map(positional) }),
    ...(args.length > at + 1 && { packageArguments: args.slice(at + 1).map(positional) }),
    ...variables(entry.env, 'environmentVariables'),
  };
  return { ...(version !== undefined && { version }), packages: described };
}

function describeBundle({ mcpb = '', integrity, env }: ServerEntry): Described {
  const packages = {
    registryType: 'mcpb',
    identifier: mcpb,
    ...(integrity !== undefined && { fileSha256: integrity.replace(/^sha256:/, '') }),
    transport: { type: 'stdio' },
    ...variables(env, 'environmentVariables'),
  };
  return { packages };
}

function remoteOf({ type, headers }: ServerEntry, url: string): JsonObject {
  return {
    type: type === 'sse' ? 'sse' : 'streamable-http',
    url,
    ...variables(headers, 'headers'),
  };
}

function positional(value: string): JsonObject {
  return { type: 'positional', value };
}

function variables(members: MemberTexts | undefined, member: string): JsonObject {
  const inputs = Object.entries(members ?? {}).map(([name, written]): Json => {
    const text = textOf(written);
    const [, variable, fallback] = REFERENCE.exec(text) ?? [];
    const isMarked = typeof written !== 'string';
    if (variable === undefined) return { name, value: text, ...(isMarked && { isSecret: true }) };
    return { name, isSecret: true, isRequired: fallback === undefined };
  });
  return inputs.length > 0 ? { [member]: inputs } : {};
}
