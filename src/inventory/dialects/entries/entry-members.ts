import { type Path } from '../../config/problems';
import { isConnection, WRAPPERS } from './connection';
import { isObject, type Members } from '../dialect';

/** Other names of our members. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ...pairs('command', ['cmd']),
  ...pairs('args', ['arguments']),
  ...pairs('env', ['environment', 'envs', 'environmentVariables']),
  ...pairs('cwd', ['working_directory', 'workingDirectory', 'workingDir', 'working_dir']),
  ...pairs('envFile', ['env_file']),
  ...pairs('url', ['serverUrl', 'httpUrl', 'baseUrl', 'uri', 'endpoint', 'server_url', 'base_url']),
  ...pairs('url', ['tcp']),
  ...pairs('headers', ['http_headers', 'static_headers', 'requestHeaders', 'customHeaders']),
  ...pairs('type', ['transport', 'transportType', 'transport_type']),
  ...pairs('healthCheck', ['health_check']),
  ...pairs('enabled', ['isActive', 'active', 'isEnabled']),
  ...pairs('autostart', ['autoStart', 'auto_start', 'start_on_launch', 'startOnLaunch', 'startup']),
  ...pairs('excludeTools', [
    'disabledTools',
    'disabled_tools',
    'disallowed_tools',
    'blocked_tools',
  ]),
  ...pairs('excludeTools', ['suppressedTools', 'exclude_tools', 'excludedTools', 'excluded_tools']),
  ...pairs('includeTools', ['enabledTools', 'enabled_tools', 'allowed_tools', 'available_tools']),
  ...pairs('includeTools', ['include_tools', 'includedTools', 'tools']),
]);

/** Members whose name implies the type. */
const IMPLIED_TYPES: ReadonlyMap<string, string> = new Map([
  ['httpUrl', 'http'],
  ['tcp', 'websocket'],
]);

export interface OwnEntry {
  entry: Record<string, unknown>;
  /** Paths in the written entry, by our member. */
  origins: Record<string, Path>;
}

/** Converts the member names of an entry to ours, and unwraps a nested connection. */
export function withOwnMembers(value: Members): OwnEntry {
  const flat = flattened(value);
  const names = new Set(flat.map(({ member }) => member));
  const entry: Record<string, unknown> = {};
  const origins: Record<string, Path> = {};
  for (const { member, path, content } of flat) {
    const alias = ALIASES.get(member);
    const isFree = alias !== undefined && !names.has(alias) && !Object.hasOwn(entry, alias);
    const own = isFree && fitsMeaning(alias, content) ? alias : member;
    entry[own] = content;
    if (own !== path[0] || path.length > 1) origins[own] = path;
    const implied = own === 'url' && own !== member ? IMPLIED_TYPES.get(member) : undefined;
    if (implied !== undefined && !names.has('type')) entry['type'] = implied;
  }
  return { entry, origins };
}

interface FlatMember {
  member: string;
  path: Path;
  content: unknown;
}

function flattened(value: Members): FlatMember[] {
  return Object.entries(value).flatMap(([member, content]): FlatMember[] => {
    const within = (members: Members) =>
      Object.entries(members).map(([inner, held]) => ({
        member: inner,
        path: [member, inner],
        content: held,
      }));
    // Older format of Zed.
    if (member === 'command' && isObject(content)) {
      return within(content).map((one) => (one.member === 'path' ? { ...one, member } : one));
    }
    if (WRAPPERS.includes(member) && isConnection(content)) return within(content);
    if (member === 'transport' && isObject(content) && typeof content['type'] === 'string') {
      return within(content);
    }
    // Format of Continue.
    if (member === 'requestOptions' && isObject(content) && isObject(content['headers'])) {
      const { headers, ...others } = content;
      const rest =
        Object.keys(others).length > 0 ? [{ member, path: [member], content: others }] : [];
      return [{ member: 'headers', path: [member, 'headers'], content: headers }, ...rest];
    }
    return [{ member, path: [member], content }];
  });
}

/** Whether the content fits our member: `tools` may also be a table of tool settings. */
function fitsMeaning(own: string, content: unknown): boolean {
  if (own === 'includeTools' || own === 'excludeTools') return Array.isArray(content);
  if (own === 'type') return typeof content === 'string';
  if (own === 'autostart') return typeof content === 'boolean';
  return true;
}

function pairs(own: string, words: readonly string[]): [string, string][] {
  return words.map((word) => [word, own]);
}
