import { type CallStats } from '../../domain/calls/call-stats';
import { type InstalledSummary, type ServerStatus } from '../../domain/servers/status';
import { callFacts } from './call-stats-text';
import { msText } from './health-text';
import { shellLine } from './shell-line';
import { isolationFacts } from './isolation-text';
import { durationText, stateText } from './table';
import { eventText } from './event-text';
import { oneLine } from './one-line';

const SHOWN_TRANSITIONS = 5;

/** One server in full, with its latest events. */
export function renderStatus(server: ServerStatus, fancy: boolean, stats?: CallStats): string {
  const { state, reason, health, healthReason, serverInfo, error } = server;
  const facts: [string, string | number | null][] = [
    ['State', `${stateText(state, fancy)}: ${oneLine(reason)}`],
    ['Health', `${health}: ${oneLine(healthReason)}`],
    ...isolationFacts(server),
    ['Type', server.type],
    ['Server', serverInfo && `${serverInfo.name} ${serverInfo.version}`],
    ['Command', server.command && shellLine([server.command, ...server.args])],
    ['Directory', server.cwd],
    ['URL', server.url],
    ['Program', server.program && programLine(server.program)],
    ['Protocol', server.protocolVersion],
    ['Tools', server.tools],
    ['Uptime', server.uptimeMs === null ? null : durationText(server.uptimeMs)],
    ['Latency', latencyLine(server)],
    ['Memory', server.rssBytes === null ? null : `${Math.round(server.rssBytes / 2 ** 20)} MiB`],
    ...(stats ? callFacts(stats, Date.now()) : []),
    ['Host', server.host && `${server.host}${server.pid === null ? '' : `, pid ${server.pid}`}`],
    [
      'Generation',
      `${server.generation} (${server.restarts} ${server.restarts === 1 ? 'restart' : 'restarts'})`,
    ],
    ['Replicas', replicasLine(server)],
    ['Enabled', server.enabled ? 'yes' : 'no'],
    ['Tags', server.tags.join(', ') || null],
    ['Origin', server.origin],
    ['Actions', server.possible.join(', ')],
    ['Fix', error && error.fix],
  ];
  const lines = facts
    .filter(([, value]) => value !== null)
    .map(([label, value]) => `${`${label}:`.padEnd(13)}${value}`);
  const last = server.transitions.slice(-SHOWN_TRANSITIONS).map((event) => `  ${eventText(event)}`);
  return [server.name, ...lines, ...(last.length > 0 ? ['Latest events:', ...last] : [])].join(
    '\n',
  );
}

function latencyLine(server: ServerStatus): string | null {
  const { latencyMs, latencyP50Ms, latencyP95Ms } = server;
  if (latencyMs === null) return null;
  return `${msText(latencyMs)} (p50 ${msText(latencyP50Ms)}, p95 ${msText(latencyP95Ms)})`;
}

function replicasLine({ replicas: { wanted, ready } }: ServerStatus): string | null {
  return wanted > 1 ? `${ready} of ${wanted} ready` : null;
}

function programLine({ method, name, version }: InstalledSummary): string {
  return `${name} ${version ?? '(not installed yet)'} (${method})`;
}
