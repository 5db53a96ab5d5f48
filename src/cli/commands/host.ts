import { Argument } from 'commander';
import { type CommandContext, defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { type HostAction, HOST_ACTIONS } from '../host-actions';
import { collect, durationMs } from '../parse';

export interface HostOptions extends GlobalOptions {
  hostId?: string;
  label: string[];
  capacity?: string;
  exclusive?: boolean;
  all?: boolean;
  grace?: number;
}

export const host = (run: Run) =>
  defineCommand(
    'host',
    'run a host in this terminal (up does it for you), or see and drain those that run',
    'mainspring host --label gpu --capacity 50\n  $ mainspring host drain second',
  )
    .addArgument(
      new Argument('[action]', 'what to do; run one when left out').choices(HOST_ACTIONS),
    )
    .argument('[id]', 'for drain, resume and restart: the host')
    .option('--host-id <id>', 'name of this host (MAINSPRING_HOST_ID); default the machine')
    .option('--label <label>', 'what it can do (MAINSPRING_HOST_LABELS); repeatable', collect, [])
    .option('--exclusive', 'take only servers that require one of its labels')
    .option('--capacity <n>', 'servers to run at most (MAINSPRING_HOST_CAPACITY)')
    .option('--all', 'for restart: every host, one after the other')
    .option('--grace <time>', 'for drain and restart: what calls may take, such as 2m', durationMs)
    .action((action: HostAction | undefined, id: string | undefined, options: HostOptions) =>
      run(
        options,
        async (context) => {
          if (action === undefined) return runHere(context, options);
          const { actOnHosts } = await import('../host-actions.js');
          return actOnHosts(context, action, id, options);
        },
        { handlesInterrupt: action === undefined },
      ),
    );

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
  const { locateTemporal } = await import('../../client/locate-temporal.js');
  const temporal = await locateTemporal(loaded.home);
  const { runHost } = await import('../../roles/host.js');
  const id = await runHost(loaded, temporal, interrupted);
  output.answer({ stopped: process.pid, id }, `The host ${id} has handed over and stopped.`);
  return EXIT.ok;
}
