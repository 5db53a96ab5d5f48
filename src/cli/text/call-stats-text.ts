import {
  type CallFigures,
  type CallStats,
  errorRate,
  lastError,
} from '../../domain/calls/call-stats';
import { oneLine } from './one-line';
import { durationText, renderTable } from './table';

/** Most tools of a server that `status` and `health` show: those called most. */
const SHOWN_TOOLS = 10;
const NONE = '-';

/** Renders what `status` shows of the calls of a server, as lines with their labels; null leaves one out. */
export function callFacts(stats: CallStats, nowMs: number): [string, string | null][] {
  return [
    ['Calls', stats.calls === 0 ? null : callsLine(stats, nowMs)],
    ...toolFacts(stats, nowMs),
    ['Errors', errorsLine(stats, nowMs)],
  ];
}

/** Renders a line for each tool that was called. */
export function toolFacts({ tools }: CallStats, nowMs: number): [string, string][] {
  const most = tools.toSorted((a, b) => b.calls - a.calls).slice(0, SHOWN_TOOLS);
  const facts = most.map(({ tool, ...figures }): [string, string] => [
    `  ${tool}`,
    [`${figures.calls}`, ...figureParts(figures, nowMs)].join(', '),
  ]);
  const more = tools.length - most.length;
  return more > 0 ? [...facts, ['  …', `${more} more (see: mainspring calls --stats)`]] : facts;
}

/** Renders a line for each tool of each server. */
export function renderCallStats(all: readonly CallStats[], nowMs: number, fancy: boolean): string {
  const head = [
    'Server',
    'Tool',
    'Calls',
    'Successful',
    'Failed',
    'Attempts',
    'Cache hits',
    'Last call',
  ];
  const rows = all.flatMap(({ server, tools }) =>
    tools.map(({ tool, calls, successful, failed, averageAttempts, cache, lastAtMs }) => [
      ...[server, tool, String(calls), String(successful), String(failed)],
      averageAttempts === null ? NONE : String(averageAttempts),
      cache.hitPercent === null ? NONE : `${cache.hitPercent}%`,
      lastAtMs === null ? NONE : `${durationText(nowMs - lastAtMs)} ago`,
    ]),
  );
  return rows.length > 0 ? renderTable(head, rows, fancy) : 'No calls.';
}

function callsLine(stats: CallStats, nowMs: number): string {
  const { calls, retries, ranMsP50, ranMsP95, sinceMs, paths } = stats;
  const parts = [
    `${calls} in the last ${durationText(nowMs - sinceMs)}`,
    ...figureParts(stats, nowMs),
    ranMsP50 !== undefined && `p50 ${ranMsP50.toFixed(1)} ms`,
    ranMsP95 !== undefined && `p95 ${ranMsP95.toFixed(1)} ms`,
    retries > 0 && `${retries} retries`,
    paths.direct > 0 && `${paths.direct} direct`,
    paths.cached > 0 && `${paths.cached} cached`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}

/** Renders the figures of a tool or a server. */
export function figureParts(figures: CallFigures, nowMs: number): string[] {
  const { successful, failed, averageAttempts, lastAtMs, cache } = figures;
  const parts = [
    `${successful} successful`,
    `${failed} failed (${(errorRate(figures) * 100).toFixed(1)}%)`,
    averageAttempts !== null && averageAttempts > 1 && `${averageAttempts} attempts on average`,
    cache.hitPercent !== null && `cache hits ${cache.hitPercent}%`,
    lastAtMs !== null && `last ${durationText(nowMs - lastAtMs)} ago`,
  ];
  return parts.filter((part) => part !== false);
}

function errorsLine(stats: CallStats, nowMs: number): string | null {
  const last = lastError(stats);
  if (!last) return null;
  const counts = Object.entries(stats.errors).map(([name, { count }]) => `${name} ${count}`);
  const { errorClass, lastMessage, lastAtMs } = last;
  const ago = durationText(nowMs - lastAtMs);
  return `${counts.join(', ')}; last ${ago} ago, ${errorClass}: ${oneLine(lastMessage)}`;
}
