import { nearMatches } from '../domain/near-matches';
import { isObject } from './dialects/dialect';

/** What a config of our own form may have at its top. */
const KNOWN = ['$schema', 'inputs', 'mcpServers', 'servers', 'alerts', 'profiles', 'gateway'];
/** Of more, only the number is told: the settings of another program may have hundreds. */
const MAX_NAMED = 8;

/** Tells which members at the top of a config nobody has read; undefined when there are none. */
export function unreadMembers(document: unknown): string | undefined {
  if (!isObject(document)) return undefined;
  const isOurs = ['mcpServers', 'alerts', 'profiles', 'gateway'].some((name) => name in document);
  const unread = isOurs ? Object.keys(document).filter((name) => !KNOWN.includes(name)) : [];
  if (unread.length === 0) return undefined;
  const named = unread.slice(0, MAX_NAMED).map((name) => {
    const [near] = nearMatches(name, KNOWN);
    return near === undefined ? name : `${name} (did you mean "${near}"?)`;
  });
  const more = unread.length > MAX_NAMED ? ` and ${unread.length - MAX_NAMED} more` : '';
  return `not read: ${named.join(', ')}${more}`;
}
