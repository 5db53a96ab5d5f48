import { Option } from 'commander';
import { matchesFilter, type ServerFilter } from '../../domain/servers/server-filter';
import { marksOf } from '../../domain/servers/server-marks';
import { type ServerStatus, type ServerSummary } from '../../domain/servers/status';
import { type Health, type ServerState, STATES } from '../../domain/states';
import {
  type Action,
  type CommandContext,
  type Define,
  type GlobalOptions,
  withExample,
} from '../command';
import { EXIT } from '../exit-codes';
import { intervalOption } from '../options/interval-option';
import { collect, collectChoices } from '../options/parse';
import { showChanges } from '../actions/show-changes';
import { sortedBy } from '../text/sorted-by';
import { healthOrder, renderServers } from '../text/table';
import { firstLine } from '../text/install-text';

/** States that nobody understands without their reason. */
const STATES_WITH_REASON: ReadonlySet<ServerState> = new Set([
  ...(['BACKOFF', 'RECOVERING', 'ERROR', 'QUARANTINED', 'MAINTENANCE'] as const),
]);
const STATE_NAMES = Object.keys(STATES);
const HEALTHS: readonly Health[] = ['HEALTHY', 'DEGRADED', 'UNHEALTHY', 'UNKNOWN'];
const TYPES = ['stdio', 'http', 'sse', 'websocket'] as const;

/** Sort keys, smaller first. */
const KEYS = {
  name: ({ name }) => name,
  type: ({ type }) => type,
  state: ({ state }) => state,
  health: ({ health }) => healthOrder(health),
  uptime: ({ uptimeMs }) => uptimeMs ?? Infinity,
  latency: ({ latencyMs }) => -(latencyMs ?? -1),
  tools: ({ tools }) => -(tools ?? -1),
} as const satisfies Record<string, (server: ServerStatus) => number | string>;

interface ListOptions extends GlobalOptions, ServerFilter {
  sort: keyof typeof KEYS;
  watch?: boolean;
  interval: number;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring list --state ERROR,BACKOFF --watch')
    .option(
      '--state <state>',
      'Filter by state (comma-separated or repeated)',
      collectChoices(STATE_NAMES),
      [],
    )
    .option(
      '--health <health>',
      'Filter by health (comma-separated or repeated)',
      collectChoices(HEALTHS),
      [],
    )
    .option('--tag <tag>', 'Filter by tag (repeatable)', collect, [])
    .option(
      '--type <type>',
      'Filter by transport type (comma-separated or repeated)',
      collectChoices(TYPES),
      [],
    )
    .addOption(
      new Option('--sort <column>', 'Sort by this column')
        .choices(Object.keys(KEYS))
        .default('name'),
    )
    .option(
      '--watch',
      'Refresh continuously; without a terminal, print one line per change (with --json, one document)',
    )
    .addOption(intervalOption('Refresh interval of --watch', '2s'))
    .action((options: ListOptions) =>
      run(options, (context) => listChosen(context, options), {
        handlesInterrupt: Boolean(options.watch),
      }),
    );

/** Lists all servers, by name. */
export const listServers: Action = ({ withClient, output }) =>
  withClient(async ({ servers }) => {
    await answerWith(output, await servers.statuses(), NONE);
    return EXIT.ok;
  });

const NONE = 'No servers yet. Add one: mainspring add <name> -- <command> [args…]';

async function listChosen(context: CommandContext, options: ListOptions): Promise<number> {
  const { withClient, output } = context;
  return withClient(async ({ servers }) => {
    const look = async () => {
      const meant = (await servers.statuses()).filter((server) => matchesFilter(options, server));
      return sortedBy(meant, KEYS[options.sort], ({ name }) => name);
    };
    const render = (found: readonly ServerStatus[]) => renderList(found, output.fancy);
    if (options.watch) {
      const seen = (server: ServerStatus) => ({
        ...server,
        server: server.name,
        marks: marksOf(server),
      });
      await showChanges(context, { look, render, seen, intervalMs: options.interval });
      return EXIT.ok;
    }
    const none = isFiltered(options)
      ? 'No servers match. To list all servers: mainspring list'
      : NONE;
    await answerWith(output, await look(), none);
    return EXIT.ok;
  });
}

async function answerWith(
  output: CommandContext['output'],
  servers: readonly ServerStatus[],
  none: string,
): Promise<void> {
  const { serverSummary: summaryOf } = await import('../../client/servers/server-status.js');
  const text = servers.length > 0 ? renderList(servers, output.fancy) : none;
  output.answer(servers.map(summaryOf), text);
}

function isFiltered({ state, health, tag, type }: ServerFilter): boolean {
  return [state, health, tag, type].some((wanted) => wanted.length > 0);
}

/** Renders the table, and below it why some of them do not run. */
export function renderList(servers: readonly ServerSummary[], fancy: boolean): string {
  const reasons = servers
    .filter(
      ({ state, reason }) => STATES_WITH_REASON.has(state) || reason.startsWith('UNSCHEDULABLE'),
    )
    .map(({ name, reason }) => `${name}: ${firstLine(reason)}`);
  const table = renderServers(servers, fancy);
  return reasons.length > 0 ? [table, '', ...reasons].join('\n') : table;
}
