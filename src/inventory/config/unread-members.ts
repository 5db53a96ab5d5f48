import { didYouMean, nearMatches } from '../../base/nearest-names';
import { isObject } from '../dialects/dialect';
import { TABLE_MEMBERS } from '../dialects/tables';
import { type LocatedJson } from './located-json';
import { type Problem } from './problems';

/** What a config may have at its top. */
const KNOWN = ['$schema', 'inputs', ...TABLE_MEMBERS, 'alerts', 'profiles', 'gateway'];
/** Of more, only the number is told: the settings of another program may have hundreds. */
const MAX_NAMED = 8;

/** The members at the top of a config that nobody has read, or named in a problem. */
export function unreadMembers(
  located: LocatedJson,
  problems: readonly Problem[] = [],
): { line: number; text: string }[] {
  const document = located.value;
  if (!isObject(document)) return [];
  const isOurs = ['mcpServers', 'alerts', 'profiles', 'gateway'].some((name) => name in document);
  const named = new Set(problems.map(({ path: [first] }) => first));
  const isUnread = (name: string) => !KNOWN.includes(name) && !named.has(name);
  const unread = isOurs ? Object.keys(document).filter(isUnread) : [];
  const [first] = unread;
  if (first === undefined) return [];
  const shown = unread
    .slice(0, MAX_NAMED)
    .map((name) => name + didYouMean(nearMatches(name, KNOWN).slice(0, 1), 'brackets'));
  const more = unread.length > MAX_NAMED ? ` and ${unread.length - MAX_NAMED} more` : '';
  return [{ line: located.lineOf([first]), text: `ignored: ${shown.join(', ')}${more}` }];
}
