import { type HealthSummary } from '../../domain/health/health-view';
import { errorsOf, memoryText, msText, serversText, timeText } from './health-text';
import { sortedBy } from './sorted-by';
import {
  durationText,
  healthOrder,
  healthText,
  renderTable,
  stateText,
  visibleLength,
} from './table';

export const SORTS = [
  'name',
  'state',
  'health',
  'uptime',
  'latency',
  'mem',
  'calls',
  'errors',
] as const;
export type Sort = (typeof SORTS)[number];

/** Shortest length to which a name is cut. */
const MIN_NAME_COLUMNS = 8;

/** Sort keys, smaller first. */
const KEYS: Record<Sort, (server: HealthSummary) => number | string> = {
  name: ({ server }) => server,
  state: ({ state }) => state,
  health: ({ health }) => healthOrder(health),
  uptime: ({ uptimeMs }) => uptimeMs ?? Infinity,
  latency: ({ latency }) => -(latency.lastMs ?? -1),
  mem: ({ rssBytes }) => -(rssBytes ?? -1),
  calls: ({ calls }) => -calls.perSecond.last10s,
  errors: (server) => -errorsOf(server),
};

export function sortedForTop(servers: readonly HealthSummary[], sort: Sort): HealthSummary[] {
  return sortedBy(servers, KEYS[sort], ({ server }) => server);
}

/** Returns a line of `top --json`. */
export function topRow(server: HealthSummary) {
  const { type, state, health, uptimeMs, latency, rssBytes, calls } = server;
  return {
    name: server.server,
    type,
    state,
    health,
    uptimeMs,
    latencyMs: latency.lastMs,
    rssBytes,
    callsPerSecond: calls.perSecond.last10s,
    errorsLastHour: errorsOf(server),
  };
}

export function renderTop(
  servers: readonly HealthSummary[],
  atMs: number,
  fancy: boolean,
  columns = Infinity,
): string[] {
  const head = ['Name', 'Type', 'State', 'Health', 'Uptime', 'Latency', 'Mem', 'Calls/s', 'Errors'];
  const rows = servers.map((one) => [
    one.server,
    one.type,
    stateText(one.state, fancy),
    healthText(one.health, fancy),
    one.uptimeMs === null ? '-' : durationText(one.uptimeMs),
    msText(one.latency.lastMs),
    memoryText(one.rssBytes),
    one.calls.perSecond.last10s.toFixed(1),
    String(errorsOf(one)),
  ]);
  return [headline(servers, atMs), ...fittingTable(head, rows, fancy, columns)];
}

/** Fits the table into a narrow terminal: first the space between the columns shrinks, then the names. */
function fittingTable(head: string[], rows: string[][], fancy: boolean, columns: number): string[] {
  const linesOf = (shown: string[][], gap?: number) =>
    renderTable(head, shown, fancy, gap).split('\n');
  const excessOf = (lines: string[]) => Math.max(...lines.map(visibleLength)) - columns;
  const wide = linesOf(rows);
  if (excessOf(wide) <= 0) return wide;
  const tight = linesOf(rows, 1);
  const longest = Math.max(...rows.map(([name = '']) => name.length));
  const room = Math.max(MIN_NAME_COLUMNS, longest - Math.max(0, excessOf(tight)));
  const named = rows.map(([name = '', ...others]) => [shortened(name, room), ...others]);
  return linesOf(named, 1);
}

function shortened(name: string, columns: number): string {
  return name.length > columns ? `${name.slice(0, columns - 1)}…` : name;
}

/** `18:03:04Z  2.4 calls/s  3 errors/h  12 servers: 11 RUNNING, 1 ERROR` */
function headline(servers: readonly HealthSummary[], atMs: number): string {
  const states = new Map<string, number>();
  for (const { state } of servers) states.set(state, (states.get(state) ?? 0) + 1);
  const counts = [...states].map(([state, count]) => `${count} ${state}`).join(', ');
  const rate = servers.reduce((sum, { calls }) => sum + calls.perSecond.last10s, 0);
  const errors = servers.reduce((sum, server) => sum + errorsOf(server), 0);
  return [
    timeText(atMs).slice(11),
    `${rate.toFixed(1)} calls/s`,
    `${errors} errors/h`,
    `${serversText(servers.length)}${counts ? `: ${counts}` : ''}`,
  ].join('  ');
}
