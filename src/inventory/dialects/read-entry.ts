import { nearMatches } from '../../domain/near-matches';
import { MEMBER_NAMES } from '../config-schema';
import { type Path } from '../problems';
import { type DialectName, type FoundServer, isObject, type Members } from './dialect';
import { ownName } from './own-name';

/** Below this, a bare number in a health check can only be seconds. */
const SECONDS_BELOW = 1_000;
const EDITOR_VARIABLE = /\$\{env:([A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?)\}/g;
const TEXT_MEMBERS = ['command', 'cwd', 'url', 'envFile', 'mcpb'] as const;
const LAUNCHERS: ReadonlyMap<string, string> = new Map([
  ['nodejs', 'node'],
  ['python', 'python'],
]);
const TYPE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['streamableHttp', 'http'],
  ['streamable_http', 'http'],
  ['node', 'nodejs'],
]);
/** Other words for members of ours. */
const MEMBER_ALIASES: ReadonlyMap<string, string> = new Map([
  ['health_check', 'healthCheck'],
  ['serverUrl', 'url'],
  ['httpUrl', 'url'],
  ['transport', 'type'],
  ['transportType', 'type'],
]);

export interface EntryRules {
  dialect: DialectName;
  /** Whether a member that we do not know is somebody else's. The others are left for the schema to refuse. */
  isForeign: (member: string) => boolean;
  /** Whether variables may be numbers, and null when they are not set. */
  hasLooseEnv: boolean;
}

/** Translates one entry of a `{name: entry}` table. What is wrong in it is left as it is, for the schema to name. */
export function readEntry(
  written: string,
  value: unknown,
  path: Path,
  { dialect, isForeign, hasLooseEnv }: EntryRules,
): FoundServer {
  const name = written === '' ? '' : ownName(written);
  const found = { name, path, dialect };
  if (!isObject(value)) return { ...found, entry: value, warnings: [] };
  const entry: Record<string, unknown> = {};
  const extra: Record<string, unknown> = {};
  const origins: Record<string, Path> = {};
  const warnings: string[] = [];
  for (const [member, content] of Object.entries(value)) {
    const own = ownMember(member, value);
    if (own !== member) origins[own] = [member];
    const isOwn = isOurs(own, content) || isLaunched(member, value);
    if (isOwn || !isForeign(member)) entry[own] = content;
    else {
      extra[member] = content;
      warnings.push(`${member}: ${foreignText(member)}`);
    }
  }
  if (hasLooseEnv) entry['env'] = withTexts(entry['env']);
  if (name !== written)
    warnings.push(`it is called "${name}" here: ${JSON.stringify(written)} is no name of a server`);
  return {
    ...found,
    entry: withExtra(translated(withoutUndefined(entry)), dialect, {
      extra,
      written: name === written ? undefined : written,
    }),
    written: origins,
    warnings,
  };
}

/** `${env:NAME}` of editors is `${NAME}` here. */
export function ownReferences(text: string): string {
  return text.replace(EDITOR_VARIABLE, '${$1}');
}

/** The entry with what has to be kept for exports. */
export function withExtra(
  entry: Record<string, unknown>,
  dialect: DialectName,
  { extra, written }: { extra: Members; written?: string | undefined },
): Record<string, unknown> {
  const kept = {
    ...(isObject(entry['extra']) ? entry['extra'] : {}),
    ...(Object.keys(extra).length > 0 && { [dialect]: extra }),
    ...(written !== undefined && { name: written }),
  };
  return Object.keys(kept).length > 0 ? { ...entry, extra: kept } : entry;
}

function ownMember(member: string, value: Members): string {
  const own = MEMBER_ALIASES.get(member);
  return own === undefined || own in value ? member : own;
}

/** Others write `auth` too, in ways of their own. */
function isOurs(member: string, content: unknown): boolean {
  return MEMBER_NAMES.includes(member) && (member !== 'auth' || isObject(content));
}

/** In place of a command, `withCommand` takes these. */
function isLaunched(member: string, { type, command }: Members): boolean {
  if (command !== undefined || typeof type !== 'string') return false;
  if (member === 'script') return LAUNCHERS.get(ownType(type)) !== undefined;
  return member === 'image' && type === 'docker';
}

function ownType(type: string): string {
  return TYPE_ALIASES.get(type) ?? type;
}

function foreignText(member: string): string {
  const near = nearMatches(member, MEMBER_NAMES).map((match) => JSON.stringify(match));
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  return `kept for exports, without an effect here${hint}`;
}

function translated(entry: Record<string, unknown>): Record<string, unknown> {
  const result = { ...withCommand(entry) };
  for (const member of TEXT_MEMBERS) {
    const text = result[member];
    if (typeof text === 'string') result[member] = ownReferences(text);
  }
  for (const member of ['env', 'headers']) {
    if (isObject(result[member])) result[member] = mapMembers(result[member], ownText);
  }
  if (isObject(result['auth'])) result['auth'] = withOwnNames(result['auth']);
  if (Array.isArray(result['args'])) result['args'] = result['args'].map(ownText);
  if (typeof result['type'] === 'string') {
    result['type'] = ownType(result['type']);
  }
  if (result['healthCheck'] !== undefined) {
    result['healthCheck'] = withUnits(result['healthCheck']);
  }
  return result;
}

/** A type that names a runtime stands for its command, and a docker image for the one that runs it. */
function withCommand(entry: Record<string, unknown>): Record<string, unknown> {
  const { type, command, script, image, args, ...rest } = entry;
  if (command !== undefined || typeof type !== 'string') return entry;
  const given: unknown[] = Array.isArray(args) ? args : [];
  const launcher = LAUNCHERS.get(ownType(type));
  if (launcher !== undefined && (script !== undefined || given.length > 0)) {
    const all = script === undefined ? given : [script, ...given];
    return { ...rest, type, command: launcher, args: all };
  }
  if (type !== 'docker' || typeof image !== 'string') return entry;
  const passed = isObject(rest['env'])
    ? Object.keys(rest['env']).flatMap((name) => ['-e', name])
    : [];
  return {
    ...rest,
    type,
    command: 'docker',
    args: ['run', '-i', '--rm', ...passed, image, ...given],
  };
}

/** As Cursor writes it. */
const AUTH_ALIASES: ReadonlyMap<string, string> = new Map([
  ['CLIENT_ID', 'clientId'],
  ['CLIENT_SECRET', 'clientSecret'],
]);

function withOwnNames(auth: Members): Record<string, unknown> {
  const members = Object.entries(auth).map(([member, value]) => [
    AUTH_ALIASES.get(member) ?? member,
    ownText(value),
  ]);
  return Object.fromEntries(members) as Record<string, unknown>;
}

function withUnits(check: unknown): unknown {
  if (Array.isArray(check)) return check.map(withUnits);
  if (!isObject(check)) return check;
  return mapMembers(check, (value, member) => {
    const isDuration = member === 'interval' || member === 'timeout';
    return isDuration && typeof value === 'number' && value < SECONDS_BELOW ? `${value}s` : value;
  });
}

/** Other programs take numbers as variables, and null for one that is not set. */
function withTexts(env: unknown): unknown {
  if (!isObject(env)) return env;
  const set = Object.entries(env).filter(([, value]) => value !== null);
  return mapMembers(Object.fromEntries(set), (value) =>
    typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
  );
}

function withoutUndefined(entry: Members): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

function ownText(value: unknown): unknown {
  if (typeof value === 'string') return ownReferences(value);
  // Marked as a secret, in our own form.
  return isObject(value) ? mapMembers(value, ownText) : value;
}

function mapMembers(
  members: Members,
  change: (value: unknown, member: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([member, value]) => [member, change(value, member)]),
  );
}
