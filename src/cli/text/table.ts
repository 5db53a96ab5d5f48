import pc from 'picocolors';
import { type ServerSummary } from '../../domain/servers/status';
import { marksOf } from '../../domain/servers/server-marks';
import { type Health, type ServerState } from '../../domain/states';

/** Each one column wide. */
const STATE_ICONS: Record<ServerState, string> = {
  STOPPED: '■',
  INSTALLING: '⬇',
  STARTING: '◐',
  RUNNING: '●',
  STOPPING: '◑',
  BACKOFF: '↻',
  RECOVERING: '⇄',
  ERROR: '✖',
  QUARANTINED: '⊘',
  MAINTENANCE: '⚙',
};

/** Renders a table of text columns, `gap` spaces apart; `fancy` adds a bold head. */
export function renderTable(head: string[], rows: string[][], fancy: boolean, gap = 2): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => visibleLength(row[column] ?? ''))),
  );
  const render = (row: string[]) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - visibleLength(cell)))
      .join(' '.repeat(gap))
      .trimEnd();
  const title = render(head);
  return [fancy ? pc.bold(title) : title, ...rows.map(render)].join('\n');
}

/** Renders a line for each server, with a last column for what else keeps calls from some of them. */
export function renderServers(servers: readonly ServerSummary[], fancy: boolean): string {
  const marks = servers.map((server) => marksOf(server).join(', '));
  const notes = marks.some((text) => text !== '') ? ['Notes'] : [];
  const head = ['Name', 'Type', 'State', 'Health', 'Uptime', 'Latency', 'Tools', ...notes];
  const rows = servers.map((server, index) => {
    const { name, type, state, health, enabled, uptimeMs, latencyMs, tools } = server;
    return [
      name,
      type,
      stateText(state, fancy) + (enabled ? '' : ' (disabled)'),
      healthText(health, fancy),
      uptimeMs === null ? '-' : durationText(uptimeMs),
      latencyMs === null ? '-' : `${latencyMs.toFixed(1)} ms`,
      tools === null ? '-' : String(tools),
      marks[index] ?? '',
    ];
  });
  return renderTable(head, rows, fancy);
}

export function stateText(state: ServerState, fancy: boolean): string {
  if (!fancy) return state;
  return stateColour(state)(`${STATE_ICONS[state]} ${state}`);
}

/** `2d 3h`, `4m 5s`, `320 ms` */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(ms / 1_000);
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  return units
    .slice(first, first + 2)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}

function stateColour(state: ServerState): (text: string) => string {
  if (state === 'RUNNING') return pc.green;
  if (state === 'ERROR' || state === 'QUARANTINED') return pc.red;
  return state === 'STOPPED' ? pc.dim : pc.yellow;
}

export function healthText(health: Health, fancy: boolean): string {
  if (!fancy) return health;
  const colours = { HEALTHY: pc.green, DEGRADED: pc.yellow, UNHEALTHY: pc.red, UNKNOWN: pc.dim };
  return colours[health](health);
}

/** Returns the sort key of a health: the worst first. */
export function healthOrder(health: Health): number {
  return ['UNHEALTHY', 'DEGRADED', 'UNKNOWN', 'HEALTHY'].indexOf(health);
}

export function visibleLength(text: string): number {
  // eslint-disable-next-line no-control-regex -- the escape sequences that picocolors writes
  return [...text.replace(/\x1b\[\d+m/g, '')].length;
}
