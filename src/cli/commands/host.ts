import { Argument } from 'commander';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { type HostAction, HOST_ACTIONS, wrongHostUsage } from '../actions/host-actions';
import { collect, durationMs } from '../options/parse';

export interface HostOptions extends GlobalOptions {
  hostId?: string;
  label: string[];
  capacity?: string;
  exclusive?: boolean;
  all?: boolean;
  grace?: number;
}

const IMPLIED_RUN = 'Running a host, because of its options. Write: mainspring host run …';

export const define: Define = (command, run) =>
  withExample(
    command,
    'mainspring host run --label gpu --capacity 50\n  $ mainspring host drain second',
  )
    .addArgument(new Argument('[action]', 'what to do (default: list)').choices(HOST_ACTIONS))
    .argument('[id]', 'for drain, resume and restart: the host')
    .option(
      '--host-id <id>',
      'for run: name of this host (MAINSPRING_HOST_ID); default the machine',
    )
    .option(
      '--label <label>',
      'for run: what it can do (MAINSPRING_HOST_LABELS); repeatable',
      collect,
      [],
    )
    .option('--exclusive', 'for run: take only servers that require one of its labels')
    .option('--capacity <n>', 'for run: servers to run at most (MAINSPRING_HOST_CAPACITY)')
    .option('--all', 'for restart: every host, one after the other')
    .option('--grace <time>', 'for drain and restart: what calls may take, such as 2m', durationMs)
    .action((action: HostAction | undefined, id: string | undefined, options: HostOptions) => {
      const isImplied = action === undefined && describesHost(options);
      const meant = isImplied ? 'run' : (action ?? 'list');
      return run(
        options,
        (context) => {
          if (isImplied) context.output.progress(IMPLIED_RUN);
          return act(context, meant, id, options);
        },
        { handlesInterrupt: meant === 'run' },
      );
    });

async function act(
  context: CommandContext,
  action: HostAction,
  id: string | undefined,
  options: HostOptions,
): Promise<number> {
  if (action === 'run') {
    if (id !== undefined) throw wrongHostUsage(`Its name is an option: --host-id ${id}.`);
    return runHere(context, options);
  }
  if (describesHost(options)) {
    throw wrongHostUsage('--host-id, --label, --exclusive and --capacity belong to "host run".');
  }
  const { actOnHosts } = await import('../actions/host-actions.js');
  return actOnHosts(context, action, id, options);
}

/** Whether the options say what a host is to be like. */
function describesHost({ hostId, label, capacity, exclusive }: HostOptions): boolean {
  return hostId !== undefined || label.length > 0 || capacity !== undefined || exclusive === true;
}

async function runHere(
  { settings, output, interrupted }: CommandContext,
  options: HostOptions,
): Promise<number> {
  const loaded = settings({
    hostId: options.hostId,
    hostCapacity: options.capacity,
    hostLabels: options.label.length > 0 ? options.label : undefined,
    hostExclusive: options.exclusive,
  });
  const { locateTemporal } = await import('../../offline/locate-temporal.js');
  const temporal = await locateTemporal(loaded.home);
  const { runHost } = await import('../../roles/host.js');
  const id = await runHost(loaded, temporal, interrupted);
  output.answer({ stopped: process.pid, id }, `The host ${id} has handed over and stopped.`);
  return EXIT.ok;
}
