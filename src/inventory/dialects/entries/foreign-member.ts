import { didYouMean, nearMatches } from '../../../base/nearest-names';
import { fitsMember, MEMBER_NAMES } from '../../config/config-schema';
import { type Members } from '../dialect';

/** Meanings of well-known members of other programs. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:autoApprove|alwaysAllow|auto_approve|always_allow|trust|autoApproveTools|disabledAutoApproveTools)$/,
    'Mainspring leaves the approval of calls to the client',
  ],
  [
    /^(?:timeout|timeoutMs|initTimeout|networkTimeout|tool_timeout_sec|connectionTimeout|sse_read_timeout)$/,
    'use "timeouts": { "start", "call" } instead',
  ],
  [/^(?:oauth|auth_type|authentication|authProviderType)$/, 'use "auth" instead'],
  [/^(?:name|title|description|icon|icons|iconPath|note|notes|comment)$/, 'informational only'],
  [/^(?:[_$]|x-)/, 'informational only'],
];

const ADDRESS = /^(?:https?|wss?):\/\//i;

/** Explains the handling of a member that only another program supports. */
export function foreignText(member: string, content: unknown, entry: Members): string {
  const meaning = MEANINGS.find(([pattern]) => pattern.test(member))?.[1];
  if (meaning !== undefined) return `kept for exports, has no effect here: ${meaning}`;
  const isLost = entry['url'] === undefined && entry['command'] === undefined;
  const isAddress = isLost && typeof content === 'string' && ADDRESS.test(content);
  const near = isAddress
    ? ['url']
    : nearMatches(member, MEMBER_NAMES).filter((name) => fitsMember(name, content));
  return `kept for exports, has no effect here${didYouMean(near, 'clause')}`;
}
