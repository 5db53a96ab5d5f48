import { type CallStats, errorRate, lastError } from '../domain/call-stats';
import { oneLine } from './commands/events';
import { durationText } from './table';

/** What `status` tells of the calls of a server, as lines with their labels; null leaves one out. */
export function callFacts(stats: CallStats, nowMs: number): [string, string | null][] {
  return [
    ['Calls', stats.calls === 0 ? null : callsLine(stats, nowMs)],
    ['Errors', errorsLine(stats, nowMs)],
  ];
}

function callsLine(stats: CallStats, nowMs: number): string {
  const { calls, retries, ranMsP50, ranMsP95, sinceMs, paths } = stats;
  const parts = [
    `${calls} in ${durationText(nowMs - sinceMs)}`,
    `${(errorRate(stats) * 100).toFixed(1)} % failed`,
    ranMsP50 !== undefined && `p50 ${ranMsP50.toFixed(1)} ms`,
    ranMsP95 !== undefined && `p95 ${ranMsP95.toFixed(1)} ms`,
    retries > 0 && `${retries} more attempts`,
    paths.direct > 0 && `${paths.direct} direct`,
    paths.cached > 0 && `${paths.cached} cached`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}

function errorsLine(stats: CallStats, nowMs: number): string | null {
  const last = lastError(stats);
  if (!last) return null;
  const counts = Object.entries(stats.errors).map(([name, { count }]) => `${name} ${count}`);
  const { errorClass, lastMessage, lastAtMs } = last;
  const ago = durationText(nowMs - lastAtMs);
  return `${counts.join(', ')}; last ${ago} ago, ${errorClass}: ${oneLine(lastMessage)}`;
}
