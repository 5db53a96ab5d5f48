import { type ServerSummary } from './status';

type MarkedServer = Pick<ServerSummary, 'breaker' | 'blockedTools'> & { retrying?: number | null };

/** Returns the marks of a server that may be running and healthy, but does not get all of its calls. */
export function marksOf({ breaker, blockedTools, retrying }: MarkedServer): string[] {
  const marks: string[] = [];
  if (breaker.state !== 'closed') marks.push(`circuit ${breaker.state}`);
  if (blockedTools.length > 0) marks.push(counted(blockedTools.length, 'tool', 'for approval'));
  if (retrying) marks.push(counted(retrying, 'call', 'for another attempt'));
  return marks;
}

/** Returns such as `1 tool waiting for approval` or `2 tools waiting for approval`. */
function counted(count: number, what: string, forWhat: string): string {
  return count === 1 ? `1 ${what} waiting ${forWhat}` : `${count} ${what}s waiting ${forWhat}`;
}
