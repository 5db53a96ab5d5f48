import { isObject, type Members } from '../dialect';

/** Names of the member that holds the command. */
const COMMAND_WORDS = ['command', 'cmd'];
const ADDRESS_WORDS = [
  ...['url', 'httpUrl', 'serverUrl', 'baseUrl', 'uri', 'endpoint', 'server_url', 'base_url', 'tcp'],
];
/** Members in which some programs nest the command or URL. */
export const WRAPPERS = ['connection', 'transport', 'config', 'server'];
/** Types that imply a command. */
const RUNTIMES = new Set<unknown>(['nodejs', 'node', 'python', 'docker']);

/** Whether a value has a command or URL, directly or in a wrapper. */
export function looksLikeServer(value: unknown): value is Members {
  if (!isObject(value)) return false;
  if (isConnection(value)) return true;
  if (RUNTIMES.has(value['type']) || typeof value['mcpb'] === 'string') return true;
  return WRAPPERS.some((wrapper) => isConnection(value[wrapper]));
}

/** Whether the value itself has a command or URL. */
export function isConnection(value: unknown): value is Members {
  if (!isObject(value)) return false;
  return (
    COMMAND_WORDS.some((word) => isCommand(value[word])) ||
    ADDRESS_WORDS.some((word) => typeof value[word] === 'string')
  );
}

function isCommand(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (Array.isArray(value)) return value.length > 0 && typeof value[0] === 'string';
  return isObject(value) && typeof value['path'] === 'string';
}
