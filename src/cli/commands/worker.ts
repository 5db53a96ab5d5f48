import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring worker').action((options: GlobalOptions) =>
    run(
      options,
      async ({ settings, output, interrupted }) => {
        const loaded = settings();
        const { locateTemporal } = await import('../../offline/locate-temporal.js');
        const temporal = locateTemporal(loaded.home);
        const { runRoles } = await import('../../roles/run-roles.js');
        await runRoles(['worker'], { settings: loaded, temporal, requested: interrupted });
        output.answer({ stopped: process.pid }, '');
        return EXIT.ok;
      },
      { handlesInterrupt: true },
    ),
  );
