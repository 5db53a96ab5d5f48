import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { infoOf, renderInfo } from '../text/info-text';

export const info = (run: Run) =>
  defineCommand(
    'info',
    'Show the addresses and processes of the running instance',
    'mainspring info --json',
  ).action((options: GlobalOptions) =>
    run(options, async ({ settings, instance, output }) => {
      const { home } = settings();
      const found = await infoOf(home, await instance());
      output.answer(found, renderInfo(found));
      return EXIT.ok;
    }),
  );
