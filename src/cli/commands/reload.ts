import { type Reloaded } from '../../client/servers/reload-servers';
import { MainspringError } from '../../base/errors';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { reportChange } from '../../offline/report-changes';
import { firstLine } from '../text/install-text';
import { renderTable, stateText } from '../text/table';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring reload --all')
    .argument('[name]', 'Name of the server')
    .option('--all', 'Reload all servers of all config files')
    .action((name: string | undefined, options: GlobalOptions & { all?: boolean }) =>
      run(options, (context) => {
        if ((name === undefined) === !options.all) {
          throw new MainspringError('WRONG_USAGE', 'Expected a server name or --all.', {
            fix: 'mainspring reload <name>, or mainspring reload --all.',
          });
        }
        return name === undefined ? reloadAll(context) : reloadOne(context, name);
      }),
    );

async function reloadOne(
  { withClient, output, trace }: CommandContext,
  name: string,
): Promise<number> {
  return withClient(async ({ servers }) => {
    output.spin(`Reloading ${name}…`);
    await servers.readOrigin(name);
    const reloaded = await servers.reload(name, { correlationId: trace.correlationId });
    const { state, reason } = reloaded;
    output.answer(
      { ...reloaded, ...trace.end() },
      `${name} is ${stateText(state, output.fancy)}: ${reason}`,
    );
    return EXIT.ok;
  });
}

async function reloadAll({ withClient, output }: CommandContext): Promise<number> {
  return withClient(async ({ servers }) => {
    output.spin('Reloading…');
    const reloaded = await servers.reloadAll((change) => reportChange(change, output.progress));
    // A row for each: servers, and files that could not be read.
    const rows = [...reloaded.servers, ...reloaded.unread];
    output.answer(rows, reloadedText(reloaded, output.fancy));
    const hasFailed =
      reloaded.unread.length > 0 || reloaded.servers.some(({ error }) => error !== undefined);
    return hasFailed ? EXIT.failed : EXIT.ok;
  });
}

function reloadedText({ servers, unread }: Reloaded, fancy: boolean): string {
  const rows = servers.map(({ name, change, state, reason, error }) => [
    ...[name, change ?? '-', state === null ? '-' : stateText(state, fancy)],
    firstLine(error ? `[${error.code}] ${error.message}` : reason),
  ]);
  return [
    renderTable(['Name', 'Change', 'State', 'Detail'], rows, fancy),
    ...unread.map(({ file, error }) => `${file}: [${error.code}] ${error.message}`),
  ].join('\n');
}
