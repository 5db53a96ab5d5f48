import { type HealthReports } from '../../client/health';
import { MainspringError } from '../../base/errors';
import { type HealthSummary, isFine } from '../../domain/health/health-view';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { renderHealth, renderHealthView, roundText } from '../text/health-text';
import { intervalOption } from '../options/interval-option';
import { showChanges } from '../actions/show-changes';
import { oneLine } from '../text/one-line';

const SHOWN_ROUNDS = 10;

interface HealthOptions extends GlobalOptions {
  watch?: boolean;
  now?: boolean;
  interval: number;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring health everything --now')
    .argument('[name]', 'Server to show in detail (default: one line per server)')
    .option('--now', 'Run the checks now instead of showing the latest results')
    .option(
      '--watch',
      'Refresh continuously; without a terminal, print one line per change (with --json, one document)',
    )
    .addOption(intervalOption('Refresh interval of --watch', '2s'))
    .addHelpText(
      'after',
      '\nThe exit code is 1 if a server that should be running is UNHEALTHY or UNKNOWN.',
    )
    .action((name: string | undefined, options: HealthOptions) =>
      run(options, (context) => act(context, name, options), {
        handlesInterrupt: Boolean(options.watch),
      }),
    );

async function act(
  context: CommandContext,
  name: string | undefined,
  { watch, now, interval }: HealthOptions,
): Promise<number> {
  if (watch && now) {
    const fix = 'Use either --watch or --now.';
    throw new MainspringError('WRONG_USAGE', '--watch cannot be used with --now.', { fix });
  }
  return context.withClient(({ health: reports }) => {
    if (now) return checkNow(context, reports, name);
    if (watch) return watchHealth(context, reports, name, interval);
    return name === undefined ? showAll(context, reports) : showOne(context, reports, name);
  });
}

async function showAll({ output }: CommandContext, reports: HealthReports): Promise<number> {
  const servers = await reports.list();
  const none = 'No servers yet. Add one: mainspring add <name> -- <command> [args…]';
  output.answer(servers, servers.length > 0 ? renderHealth(servers, output.fancy) : none);
  return exitCode(servers);
}

async function showOne(
  { output }: CommandContext,
  reports: HealthReports,
  name: string,
): Promise<number> {
  const view = await reports.get(name);
  output.answer(view, renderHealthView(view, output.fancy, SHOWN_ROUNDS));
  return exitCode([view]);
}

/** Checks one server, or every one that has something to check; one that fails does not affect the others. */
async function checkNow(
  { output }: CommandContext,
  reports: HealthReports,
  name: string | undefined,
): Promise<number> {
  output.spin('Checking…');
  if (name !== undefined) {
    const result = await reports.now(name);
    output.answer(result, `${name} ${roundText(result, output.fancy)}\n${oneLine(result.reason)}`);
    return result.health === 'UNHEALTHY' || result.health === 'UNKNOWN' ? EXIT.failed : EXIT.ok;
  }
  const wanted = (await reports.list()).filter(({ shouldRun }) => shouldRun);
  const results = await Promise.all(
    wanted.map(({ server }) =>
      reports.now(server).catch((error: unknown) => {
        if (!(error instanceof MainspringError)) throw error;
        return { server, error: error.report() };
      }),
    ),
  );
  const lines = results.map((result) =>
    'error' in result
      ? `${result.server} [${result.error.code}] ${oneLine(result.error.message)}`
      : `${result.server} ${roundText(result, output.fancy)}`,
  );
  output.answer(results, lines.join('\n') || 'No servers are running.');
  const isWell = results.every(
    (result) => !('error' in result) && ['HEALTHY', 'DEGRADED'].includes(result.health),
  );
  return isWell ? EXIT.ok : EXIT.failed;
}

async function watchHealth(
  context: CommandContext,
  reports: HealthReports,
  name: string | undefined,
  intervalMs: number,
): Promise<number> {
  if (name !== undefined) await reports.get(name, { results: 0 }); // throws when there is no such server
  const look = async () => {
    const all = await reports.list();
    return name === undefined ? all : all.filter(({ server }) => server === name);
  };
  const last = await showChanges(context, {
    look,
    intervalMs,
    seen: (server) => server,
    render: (servers, columns) => renderHealth(servers, context.output.fancy, columns),
  });
  return exitCode(last);
}

function exitCode(servers: readonly HealthSummary[]): number {
  return servers.every(isFine) ? EXIT.ok : EXIT.failed;
}
