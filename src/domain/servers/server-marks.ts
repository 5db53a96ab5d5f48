import { type ServerSummary } from './status';

type Marked = Pick<ServerSummary, 'breaker' | 'blockedTools'> & { retrying?: number | null };

/** What a server that runs and is healthy may still have: what keeps some of its calls from it, or back. */
export function marksOf({ breaker, blockedTools, retrying }: Marked): string[] {
  const marks: string[] = [];
  if (breaker.state !== 'closed') marks.push(`circuit ${breaker.state}`);
  if (blockedTools.length > 0) marks.push(counted(blockedTools.length, 'tool', 'for approval'));
  if (retrying) marks.push(counted(retrying, 'call', 'for another attempt'));
  return marks;
}

/** `1 tool waits for approval`, `2 tools wait for approval` */
function counted(count: number, what: string, forWhat: string): string {
  return count === 1 ? `1 ${what} waiting ${forWhat}` : `${count} ${what}s waiting ${forWhat}`;
}
