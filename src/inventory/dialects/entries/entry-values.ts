import { splitWords } from '../../../base/split-words';
import { type Problem } from '../../config/problems';
import { kindOf } from '../../config/shown-value';
import { WRITTEN_TYPES } from '../../fields/server-type';
import { isObject, type Members } from '../dialect';

/** A shell command line; a path may contain spaces. */
const COMMAND_LINE = /^[\w.-]+\s+\S/;
const TYPE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['streamablehttp', 'http'],
  ['streamable_http', 'http'],
  ['http-stream', 'http'],
  ['node', 'nodejs'],
]);
/** Types that only indicate a command or a URL. */
const CONNECTION_TYPES: ReadonlyMap<string, string> = new Map([
  ['local', 'stdio'],
  ['command', 'stdio'],
  ['process', 'stdio'],
  ['remote', ''],
  ['url', ''],
]);

/** Records that the text of a member was not used as written. */
export type Warn = (path: Problem['path'], message: string) => void;

/** Converts loosely written values of an entry to the forms of our schema; leaves invalid ones for the schema to report. */
export function withOwnValues(entry: Members, warn: Warn): Record<string, unknown> {
  const result = withTypeOf(withConnection({ ...entry }, warn), warn);
  for (const member of ['env', 'headers']) {
    if (result[member] !== undefined) result[member] = textsIn(member, result[member], warn);
    if (result[member] === undefined) delete result[member];
  }
  if (Array.isArray(result['includeTools']) && result['includeTools'].includes('*')) {
    delete result['includeTools']; // `*` means all of them
  }
  for (const member of ['includeTools', 'excludeTools']) {
    const tools = result[member];
    if (Array.isArray(tools) && tools.length === 0) delete result[member];
  }
  return result;
}

function withConnection(entry: Record<string, unknown>, warn: Warn): Record<string, unknown> {
  const { command, args, url } = entry;
  if (Array.isArray(command)) {
    const [program, ...words] = command as unknown[];
    const given: unknown[] = Array.isArray(args) ? args : [];
    entry['command'] = program;
    if (words.length > 0) entry['args'] = [...words, ...given];
  } else if (typeof command === 'string' && args === undefined && COMMAND_LINE.test(command)) {
    const words = splitWords(command);
    if (words) {
      [entry['command'], entry['args']] = [words[0], words.slice(1)];
      warn(['command'], 'includes its arguments; split into command and args');
    }
  }
  if (typeof args === 'string') {
    entry['args'] = args === '' ? [] : [args];
    warn(['args'], 'a string instead of a list; treated as one argument');
  }
  if (args === null) delete entry['args'];
  if (Array.isArray(entry['args'])) {
    entry['args'] = entry['args'].map((arg: unknown) => (isPlain(arg) ? String(arg) : arg));
  }
  for (const [member, other] of [
    ['url', 'command'],
    ['command', 'url'],
  ] as const) {
    const isNothing = entry[member] === '' || entry[member] === null;
    if (isNothing && typeof entry[other] === 'string' && entry[other] !== '') delete entry[member];
  }
  if (url === '' && entry['url'] === undefined)
    warn(['url'], 'empty; ignored because there is a command');
  for (const member of ['cwd', 'envFile']) {
    if (entry[member] === '' || entry[member] === null) delete entry[member];
  }
  return entry;
}

function withTypeOf(entry: Record<string, unknown>, warn: Warn): Record<string, unknown> {
  const { type, url, command } = entry;
  if (typeof type !== 'string') return entry;
  const lower = type.toLowerCase();
  const canonicalType = TYPE_ALIASES.get(lower) ?? WRITTEN_TYPES.find((one) => one === lower);
  const connectionType = CONNECTION_TYPES.get(lower);
  if (canonicalType !== undefined) entry['type'] = canonicalType;
  else if (connectionType !== undefined) {
    if (connectionType === '') delete entry['type'];
    else entry['type'] = connectionType;
  } else if (typeof url === 'string' || typeof command === 'string') {
    delete entry['type'];
    warn(
      ['type'],
      `unknown type ${JSON.stringify(type)}; detected from the command or url instead`,
    );
  }
  return entry;
}

/** Converts variables or headers: other programs accept numbers, lists, and null for one that is not set. */
function textsIn(member: string, value: unknown, warn: Warn): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    const pairs = (value as unknown[]).map(pairOf);
    const isList = pairs.every((pair) => pair !== undefined);
    return isList ? textsIn(member, Object.fromEntries(pairs), warn) : value;
  }
  if (!isObject(value)) return value;
  const set = Object.entries(value).flatMap(([name, text]): [string, unknown][] => {
    if (text === null) {
      warn([member, name], 'null; treated as not set');
      return [];
    }
    if (isPlain(text)) return [[name, String(text)]];
    if (typeof text === 'string') return [[name, text]];
    if (isMarked(text)) return [[name, { value: String(text['value']), secret: true }]];
    warn(
      [member, name],
      `ignored: expected a string, or { "value": "…", "secret": true }, got ${kindOf(text)}`,
    );
    return [];
  });
  return Object.fromEntries(set);
}

/** Parses `NAME=value`, or an object with both. */
function pairOf(item: unknown): [string, unknown] | undefined {
  if (typeof item === 'string') {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(item) ?? [];
    return name === undefined ? undefined : [name, value];
  }
  if (!isObject(item)) return undefined;
  const name = item['name'] ?? item['key'];
  return typeof name === 'string' && 'value' in item ? [name, item['value']] : undefined;
}

function isPlain(value: unknown): value is number | boolean | bigint {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
}

function isMarked(value: unknown): value is Members {
  if (!isObject(value) || value['secret'] !== true) return false;
  return typeof value['value'] === 'string' || isPlain(value['value']);
}
