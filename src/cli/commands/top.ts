import { Option } from 'commander';
import { type HealthSummary } from '../../domain/health/health-view';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { intervalOption } from '../options/interval-option';
import { openScreen, type Screen } from '../terminal/screen';
import { renderTop, SORTS, type Sort, sortedForTop, topRow } from '../text/top-text';
import { type ServerPoll, pollServers } from '../actions/monitor/poll-servers';

interface TopOptions extends GlobalOptions {
  sort: Sort;
  interval: number;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring top --sort errors')
    .addOption(new Option('--sort <column>', 'Sort by this column').choices(SORTS).default('name'))
    .addOption(intervalOption('Refresh interval', '2s'))
    .addHelpText(
      'after',
      '\nErrors are counted over the last hour. Press q or Ctrl-C to quit. Without a terminal, the table is printed once.',
    )
    .action((options: TopOptions) =>
      run(options, (context) => act(context, options), { handlesInterrupt: true }),
    );

async function act(context: CommandContext, { sort, interval }: TopOptions): Promise<number> {
  const { output, withClient, interrupted } = context;
  return withClient(async ({ health }) => {
    const look = async () => sortedForTop(await health.list(), sort);
    const screen = output.json ? undefined : openScreen(interrupted);
    if (!screen) {
      const servers = await look();
      const snapshot = { atMs: Date.now(), servers: servers.map(topRow) };
      output.answer(snapshot, renderTop(servers, snapshot.atMs, output.fancy).join('\n'));
      return EXIT.ok;
    }
    try {
      await showUntilLeft(screen, look, interval, output.fancy);
    } finally {
      screen.close();
    }
    return EXIT.ok;
  });
}

async function showUntilLeft(
  screen: Screen,
  look: () => Promise<HealthSummary[]>,
  intervalMs: number,
  fancy: boolean,
): Promise<void> {
  let last: string[] = [];
  for await (const seen of pollServers(look, intervalMs, screen.left)) {
    last = linesOf(seen, last, fancy, screen.columns);
    screen.draw(last);
  }
}

/** Returns the lines to draw; while the instance does not answer, the last table stays under the reason. */
function linesOf(
  seen: ServerPoll<HealthSummary>,
  last: readonly string[],
  fancy: boolean,
  columns: number,
): string[] {
  if ('missed' in seen) return [seen.missed, ...last.slice(1)];
  return renderTop(seen.servers, seen.atMs, fancy, columns);
}
