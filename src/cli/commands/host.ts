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

const IMPLIED_RUN =
  'Running a host because host options were given. Use "mainspring host run" instead.';

export const define: Define = (command, run) =>
  withExample(
    command,
    'mainspring host run --label gpu --capacity 50\n  $ mainspring host drain second',
  )
    .addArgument(new Argument('[action]', 'Action (default: list)').choices(HOST_ACTIONS))
    .argument('[id]', 'ID of the host (drain, resume, restart)')
    .option(
      '--host-id <id>',
      'ID of this host (run; default: machine name, env: MAINSPRING_HOST_ID)',
    )
    .option(
      '--label <label>',
      'Label that servers can require (run; repeatable, env: MAINSPRING_HOST_LABELS)',
      collect,
      [],
    )
    .option('--exclusive', 'Accept only servers that require one of its labels (run)')
    .option('--capacity <n>', 'Maximum number of servers (run; env: MAINSPRING_HOST_CAPACITY)')
    .option('--all', 'Restart all hosts, one at a time (restart)')
    .option(
      '--grace <duration>',
      'Time to let calls finish, such as 2m (drain, restart)',
      durationMs,
    )
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
    if (id !== undefined)
      throw wrongHostUsage(`"host run" does not take an ID as an argument. Use --host-id ${id}.`);
    return runHere(context, options);
  }
  if (describesHost(options)) {
    throw wrongHostUsage(
      '--host-id, --label, --exclusive and --capacity can only be used with "host run".',
    );
  }
  const { actOnHosts } = await import('../actions/host-actions.js');
  return actOnHosts(context, action, id, options);
}

/** Whether the options describe a host. */
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
  const temporal = locateTemporal(loaded.home);
  const { runRoles } = await import('../../roles/run-roles.js');
  const { host: id } = await runRoles(['host'], {
    settings: loaded,
    temporal,
    requested: interrupted,
  });
  output.answer(
    { stopped: process.pid, id },
    `Host ${id} has handed over its servers and stopped.`,
  );
  return EXIT.ok;
}
