import { type Path, type Problem } from '../config/problems';
import { kindOf } from '../config/shown-value';
import { looksLikeServer } from './entries/connection';
import {
  type DialectName,
  isObject,
  type Members,
  type Syntax,
  type WrittenEntry,
} from './dialect';
import { isGemini } from './gemini';
import { dialectOfServer } from './server-dialect';

/** The entries of servers in a document, and parts that look like servers. */
export interface Tables {
  entries: WrittenEntry[];
  problems: Problem[];
  /** Whether the document has a table of servers, even an empty one. */
  hasTable: boolean;
}

interface TableLocation {
  path: string[];
  dialect: (value: unknown, document: Members, syntax: Syntax) => DialectName;
  /** Whether the place may hold other things too: only entries that look like a server count. */
  isShared?: boolean;
}

const always = (dialect: DialectName) => () => dialect;

/** Places of servers, in the order in which they are read. */
const TABLE_LOCATIONS: readonly TableLocation[] = [
  { path: ['mcpServers'], dialect: ownDialect },
  { path: ['servers'], dialect: (value) => dialectOfServer(value) },
  {
    path: ['mcp_servers'],
    dialect: (_value, _document, syntax) =>
      syntax === 'toml' ? 'codex' : syntax === 'yaml' ? 'litellm' : 'typed',
  },
  { path: ['mcp', 'servers'], dialect: (value) => dialectOfServer(value) },
  { path: ['mcp', 'mcpServers'], dialect: always('mcpServers') },
  { path: ['mcp'], dialect: always('opencode'), isShared: true },
  { path: ['context_servers'], dialect: always('zed') },
  { path: ['amp.mcpServers'], dialect: always('amp') },
  { path: ['amp', 'mcpServers'], dialect: always('amp') },
  { path: ['extensions'], dialect: always('goose'), isShared: true },
  { path: ['modelContextProtocolServers'], dialect: always('continue') },
  { path: ['experimental', 'modelContextProtocolServers'], dialect: always('continue') },
  { path: ['augment.advanced', 'mcpServers'], dialect: always('list') },
];

/** Top-level members that may hold servers. */
export const TABLE_MEMBERS = [
  ...new Set(TABLE_LOCATIONS.flatMap(({ path: [first] }) => first ?? [])),
];

/** Supported formats, as text for people. */
export const READ_FORMS = [
  ...TABLE_LOCATIONS.filter(({ path }) => path.length === 1).map(
    ({ path: [member = ''] }) => member,
  ),
  'a registry server.json',
  'a map or list of entries with a command or url',
].join(', ');

/** Finds the entries of a document by its contents. */
export function tablesOf(document: unknown, syntax: Syntax): Tables {
  if (Array.isArray(document)) return listOf(document, [], 'list');
  if (!isObject(document)) return { entries: [], problems: [], hasTable: false };
  const found = TABLE_LOCATIONS.flatMap((location) => {
    const table = valueAt(document, location.path);
    if (table === undefined || hasNestedTable(location, document)) return [];
    return [readTable(location, table, document, syntax)];
  }).filter(({ hasTable, problems }) => hasTable || problems.length > 0);
  const hasTable = found.some((one) => one.hasTable);
  const rest = Object.entries(document).filter(([member]) => !isTableMember(member));
  const strays = rest.filter(([, value]) => isStray(value));
  if (!hasTable && isBareMap(rest))
    return bareMap(
      rest,
      found.flatMap(({ problems }) => problems),
    );
  return {
    entries: found.flatMap(({ entries }) => entries),
    problems: [
      ...found.flatMap(({ problems }) => problems),
      ...strays.map(([member]) => ({ path: [member], message: STRAY })),
      ...projectProblems(document['projects']),
    ],
    hasTable,
  };
}

/**
 * Whether a member outside the tables looks like a server. Other settings have commands, too, such as that of a
 * formatter or a status line.
 */
function isStray(value: unknown): boolean {
  if (!looksLikeServer(value)) return false;
  return 'args' in value || 'env' in value || !('command' in value);
}

/** Whether the members are all servers, except for a few invalid entries. */
function isBareMap(members: readonly [string, unknown][]): boolean {
  const named = members.filter(([member]) => !/^(?:[_$]|inputs$|version$)/.test(member));
  const servers = named.filter(([, value]) => looksLikeServer(value));
  const isTable = named.every(([, value]) => isObject(value));
  return isTable && servers.length > 0 && servers.length * 2 >= named.length;
}

const STRAY =
  'looks like a server, but is outside the table of servers, where no program reads it; not imported';

function ownDialect(value: unknown, document: Members): DialectName {
  return isGemini(document, value) ? 'gemini' : 'mcpServers';
}

function valueAt(document: Members, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, member) =>
      isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined,
    document,
  );
}

/** Whether a more specific table exists: `mcp` is a table of servers only when it contains no such table. */
function hasNestedTable({ path, isShared }: TableLocation, document: Members): boolean {
  const deeper = TABLE_LOCATIONS.filter(
    (other) => other.path.length > 1 && other.path[0] === path[0],
  );
  return isShared === true && deeper.some((other) => valueAt(document, other.path) !== undefined);
}

function isTableMember(member: string): boolean {
  return TABLE_LOCATIONS.some(({ path }) => path[0] === member);
}

function readTable(
  location: TableLocation,
  table: unknown,
  document: Members,
  syntax: Syntax,
): Tables {
  const { path, isShared = false } = location;
  const dialectFor = (value: unknown) => location.dialect(value, document, syntax);
  if (Array.isArray(table)) {
    const isContinue = path[0] === 'mcpServers' && syntax === 'yaml';
    const listed = listOf(table, path, isContinue ? 'continue' : undefined, dialectFor);
    return isShared && listed.entries.length === 0
      ? { ...listed, problems: [], hasTable: false }
      : listed;
  }
  if (!isObject(table)) {
    const message = `expected an object with an entry per server, or a list of them, got ${kindOf(table)}`;
    return { entries: [], problems: isShared ? [] : [{ path, message }], hasTable: false };
  }
  const entries = Object.entries(table).map(([written, value]): WrittenEntry => ({
    written,
    value,
    path: [...path, written],
    dialect: dialectFor(value),
  }));
  if (!isShared) return { entries, problems: [], hasTable: true };
  const own = entries.filter(({ value }) => looksLikeServer(value));
  const others = entries.filter(({ value }) => isObject(value) && !looksLikeServer(value));
  const message = 'no command or url, so there is nothing to start or connect to; not imported';
  const problems = own.length > 0 ? others.map((one) => ({ path: one.path, message })) : [];
  return { entries: own, problems, hasTable: own.length > 0 };
}

/** Reads `{name: entry}` at the top level. */
function bareMap(members: [string, unknown][], problems: Problem[]): Tables {
  const isEntry = ([, value]: [string, unknown]) => looksLikeServer(value);
  const others = members.filter((one) => !isEntry(one) && isObject(one[1]));
  return {
    entries: members.filter(isEntry).map(([written, value]) => ({
      written,
      value,
      path: [written],
      dialect: 'bare' as const,
    })),
    problems: [
      ...problems,
      ...others.map(([member]) => ({
        path: [member],
        message: 'not a server: missing command or url',
      })),
    ],
    hasTable: true,
  };
}

/** Reads a list of `{name, …}`, of `{id, name, connection}`, or of `{name: entry}`. */
function listOf(
  list: readonly unknown[],
  path: Path,
  dialect: DialectName | undefined,
  dialectFor: (value: unknown) => DialectName = always('list'),
): Tables {
  const readings = list.map((item, index): Tables => {
    const itemPath = [...path, index];
    if (!isObject(item)) return notServer(itemPath);
    const own = nameIn(item);
    if (own !== undefined && looksLikeServer(item)) {
      const entry = {
        written: own,
        value: item,
        path: itemPath,
        dialect: dialect ?? dialectFor(item),
      };
      return { entries: [entry], problems: [], hasTable: true };
    }
    const members = Object.entries(item).filter(([, value]) => looksLikeServer(value));
    if (members.length === 0) return notServer(itemPath);
    const entries = members.map(([written, value]) => ({
      written,
      value,
      path: [...itemPath, written],
      dialect: dialect ?? dialectFor(value),
    }));
    return { entries, problems: [], hasTable: true };
  });
  const entries = readings.flatMap((one) => one.entries);
  const problems = readings.flatMap((one) => one.problems);
  return { entries, problems, hasTable: path.length > 0 || entries.length > 0 };
}

function notServer(path: Path): Tables {
  const message = 'not a server: expected a name, and a command or url';
  return { entries: [], problems: [{ path, message }], hasTable: false };
}

const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** Returns the name, or the id when the name is only a title. */
function nameIn(item: Members): string | undefined {
  const texts = ['name', 'id', 'serverName', 'title'].map((member) => item[member]);
  const names = texts.filter((text): text is string => typeof text === 'string' && text !== '');
  return names.find((name) => PLAIN_NAME.test(name)) ?? names[0];
}

/** Reports servers of single projects, which Claude Code keeps in the user's file. */
function projectProblems(projects: unknown): Problem[] {
  if (!isObject(projects)) return [];
  return Object.entries(projects).flatMap(([project, settings]) => {
    const servers = isObject(settings) ? settings['mcpServers'] : undefined;
    const names = isObject(servers) ? Object.keys(servers) : [];
    if (names.length === 0) return [];
    const message = `servers of a single project, not imported: ${names.join(', ')}`;
    return [{ path: ['projects', project, 'mcpServers'], message }];
  });
}
