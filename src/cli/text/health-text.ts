import { lastError } from '../../domain/calls/call-stats';
import { type CheckResult, type HealthResult } from '../../domain/health/health';
import { type HealthSummary, type HealthView } from '../../domain/health/health-view';
import { figureParts, toolFacts } from './call-stats-text';
import { oneLine } from './one-line';
import { durationText, healthText, renderTable, stateText } from './table';

const MIB = 2 ** 20;
const NONE = '-';
/** Width from which everything is shown. */
const WIDE_COLUMNS = 120;
const FIGURES: ReadonlySet<string> = new Set(['p95', 'Mem', 'CPU', 'Calls', 'Errors']);

/** Renders all servers, a line each; in a narrow terminal without figures, so that the reason still fits. */
export function renderHealth(
  servers: readonly HealthSummary[],
  fancy: boolean,
  columns = Infinity,
): string {
  const head = [
    'Name',
    'State',
    'Health',
    'Latency',
    'p95',
    'Mem',
    'CPU',
    'Calls',
    'Errors',
    'Reason',
  ];
  const rows = servers.map((one) => [
    one.server,
    stateText(one.state, fancy),
    healthText(one.health, fancy),
    msText(one.latency.lastMs),
    msText(one.latency.p95Ms),
    memoryText(one.rssBytes),
    one.cpuPercent === null ? NONE : `${one.cpuPercent.toFixed(0)}%`,
    String(one.calls.calls),
    String(errorsOf(one)),
    oneLine(one.reason),
  ]);
  if (columns >= WIDE_COLUMNS) return renderTable(head, rows, fancy);
  const isShown = (_cell: string, column: number) => !FIGURES.has(head[column] ?? '');
  const shown = rows.map((row) => row.filter(isShown));
  return renderTable(head.filter(isShown), shown, fancy);
}

/** Renders one server in full, with its newest rounds of checks. */
export function renderHealthView(view: HealthView, fancy: boolean, rounds: number): string {
  const { latency, calls, queued, inFlight, results } = view;
  const { lastMs, p50Ms, p95Ms } = latency;
  const last = lastError(calls);
  const facts: [string, string | null][] = [
    ['Health', `${healthText(view.health, fancy)}: ${oneLine(view.reason)}`],
    ['State', `${stateText(view.state, fancy)} since ${timeText(view.sinceMs)}`],
    ['Uptime', view.uptimeMs === null ? null : durationText(view.uptimeMs)],
    ['Latency', `${msText(lastMs)} (p50 ${msText(p50Ms)}, p95 ${msText(p95Ms)})`],
    ['Memory', memoryText(view.rssBytes)],
    ['CPU', view.cpuPercent === null ? null : `${view.cpuPercent.toFixed(1)}%`],
    ['Threads', view.threads === null ? null : String(view.threads)],
    ['Calls', `${inFlight ?? 0} in flight, ${queued} waiting, ${callsText(view)}`],
    ...toolFacts(calls, Date.now()),
    ['Errors', errorsText(view)],
    [
      'Last error',
      last && `${timeText(last.lastAtMs)} ${last.errorClass}: ${oneLine(last.lastMessage)}`,
    ],
    ['Restarts', `${view.restarts} in generation ${view.generation}`],
    ['Host', view.host],
  ];
  const lines = facts
    .filter(([, value]) => value !== null)
    .map(([label, value]) => `${`${label}:`.padEnd(12)}${value}`);
  const shown = results.slice(0, rounds).map((result) => `  ${roundText(result, fancy)}`);
  const title = `Latest checks (${shown.length} of ${results.length}):`;
  return [view.server, ...lines, ...(shown.length > 0 ? [title, ...shown] : [])].join('\n');
}

/** `2026-11-21 18:03:04Z HEALTHY ping 1.2 ms, tools 3.4 ms` */
export function roundText(
  { atMs, health, checks, onDemand }: HealthResult,
  fancy: boolean,
): string {
  const asked = onDemand ? ' (on demand)' : '';
  const each = checks.map(checkText).join(', ');
  return `${timeText(atMs)} ${healthText(health, fancy)}${asked} ${each}`.trimEnd();
}

function checkText({ name, status, latencyMs, message }: CheckResult): string {
  const took = latencyMs === undefined ? '' : ` ${msText(latencyMs)}`;
  const how = status === 'passed' ? '' : ` ${status}`;
  return `${name}${how}${took}${message && status !== 'passed' ? ` (${oneLine(message)})` : ''}`;
}

/** Number of calls of the last hour that ended with an error. */
export function errorsOf({ calls }: HealthSummary): number {
  return Object.values(calls.errors).reduce((sum, { count }) => sum + count, 0);
}

export function serversText(count: number): string {
  return count === 1 ? '1 server' : `${count} servers`;
}

export function memoryText(bytes: number | null): string {
  return bytes === null ? NONE : `${Math.round(bytes / MIB)} MiB`;
}

export function msText(ms: number | null): string {
  return ms === null ? NONE : `${ms.toFixed(1)} ms`;
}

/** `2026-11-21 18:03:04Z` */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ').concat('Z');
}

function callsText({ calls }: HealthSummary): string {
  const retries = calls.retries > 0 ? [`${calls.retries} retries`] : [];
  const figures = calls.calls > 0 ? figureParts(calls, Date.now()) : [];
  const rate = `${calls.perSecond.last10s.toFixed(1)}/s`;
  return [`${calls.calls} in the last hour`, ...figures, ...retries, rate].join(', ');
}

function errorsText({ calls }: HealthSummary): string {
  const byClass = Object.entries(calls.errors).map(([name, { count }]) => `${count} ${name}`);
  return byClass.length > 0 ? byClass.join(', ') : 'none in the last hour';
}
