import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';

interface HostOptions extends GlobalOptions {
  hostId?: string;
  capacity?: string;
}

export const host = (run: Run) =>
  defineCommand(
    'host',
    'run a host in this terminal (up does it for you)',
    'mainspring host --host-id second',
  )
    .option('--host-id <id>', 'name of this host (MAINSPRING_HOST_ID); default the machine')
    .option('--capacity <n>', 'servers to run at most (MAINSPRING_HOST_CAPACITY)')
    .action((options: HostOptions) =>
      run(
        options,
        async ({ settings, output, interrupted }) => {
          const loaded = settings({ hostId: options.hostId, hostCapacity: options.capacity });
          const { locateTemporal } = await import('../../client/locate-temporal.js');
          const temporal = await locateTemporal(loaded.home);
          const { runHost } = await import('../../roles/host.js');
          await runHost(loaded, temporal, interrupted);
          output.answer({ stopped: process.pid }, '');
          return EXIT.ok;
        },
        { handlesInterrupt: true },
      ),
    );
