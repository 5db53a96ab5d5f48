import { type ConfigChange } from '../../client/origins';
import { type ErrorReport, MainspringError } from '../../domain/errors';
import { type CommandContext, defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { renderServers, stateText } from '../table';

export const reload = (run: Run) =>
  defineCommand(
    'reload',
    'read the config files again; unchanged servers are left alone',
    'mainspring reload --all',
  )
    .argument('[name]', 'server')
    .option('--all', 'every server of every config file')
    .action((name: string | undefined, options: GlobalOptions & { all?: boolean }) =>
      run(options, (context) => {
        if ((name === undefined) === !options.all) {
          throw new MainspringError('WRONG_USAGE', 'Reload which server?', {
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
    output.spin(`Reloading ${name} …`);
    await servers.readOrigins(name);
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
    const changes = await servers.readOrigins();
    for (const change of changes) reportChange(change, output.progress);
    for (const { name, change } of changes) if (change === 'vanished') await servers.remove(name);
    output.spin('Reloading …');
    reportProblems(await servers.sync({ wait: true }), output.progress);
    const list = await servers.list();
    output.answer(list, renderServers(list, output.fancy));
    return EXIT.ok;
  });
}

export function reportProblems(
  problems: { name: string; error: ErrorReport }[],
  progress: (line: string) => void,
): void {
  for (const { name, error } of problems) progress(`${name}: [${error.code}] ${error.message}`);
}

/** A line for everything but servers that stayed as they were. */
export function reportChange(change: ConfigChange, progress: (line: string) => void): void {
  if (change.change === 'conflict') progress(`Skipped ${change.name}: ${change.error.message}`);
  else if (change.change === 'vanished')
    progress(`Removing ${change.name}: it is not in its config file any more`);
  else if (change.change !== 'unchanged')
    progress(`${change.change === 'added' ? 'Added' : 'Changed'} ${change.name}`);
}
