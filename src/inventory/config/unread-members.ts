import { didYouMean, nearMatches } from '../../base/nearest-names';
import { isObject } from '../dialects/dialect';
import { TABLE_MEMBERS } from '../dialects/config-formats';
import { type LocatedJson } from './located-json';
import { type Problem } from './problems';

/** Members that a config may have at the top level. */
const TOP_MEMBERS = ['$schema', 'inputs', ...TABLE_MEMBERS, 'alerts', 'profiles', 'gateway'];
/** Maximum number of names that are listed: the settings of another program may have hundreds. */
const MAX_LISTED = 8;

/** Reports members at the top level of a config that were not read or reported. */
export function unreadMembers(
  located: LocatedJson,
  problems: readonly Problem[] = [],
): { line: number; text: string }[] {
  const document = located.value;
  if (!isObject(document)) return [];
  const isOurs = ['mcpServers', 'alerts', 'profiles', 'gateway'].some((name) => name in document);
  const named = new Set(problems.map(({ path: [first] }) => first));
  const isUnread = (name: string) => !TOP_MEMBERS.includes(name) && !named.has(name);
  const unread = isOurs ? Object.keys(document).filter(isUnread) : [];
  const [first] = unread;
  if (first === undefined) return [];
  const shown = unread
    .slice(0, MAX_LISTED)
    .map((name) => name + didYouMean(nearMatches(name, TOP_MEMBERS).slice(0, 1), 'brackets'));
  const more = unread.length > MAX_LISTED ? ` and ${unread.length - MAX_LISTED} more` : '';
  return [{ line: located.lineOf([first]), text: `ignored: ${shown.join(', ')}${more}` }];
}
