import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { locateTemporal } from '../../client/locate-temporal';

export const worker = (run: Run) =>
  defineCommand(
    'worker',
    'run a control worker in this terminal (up does it for you)',
    'mainspring worker',
  ).action((options: GlobalOptions) =>
    run(options, async ({ settings }) => {
      const { runWorker } = await import('../../roles/worker.js');
      const loaded = settings();
      await runWorker(loaded, await locateTemporal(loaded.home));
      return EXIT.ok;
    }),
  );
