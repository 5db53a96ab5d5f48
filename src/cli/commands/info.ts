import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { infoOf, renderInfo } from '../text/info-text';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring info --json').action((options: GlobalOptions) =>
    run(options, async ({ settings, instance, output }) => {
      const { home } = settings();
      const found = await infoOf(home, await instance());
      output.answer(found, renderInfo(found));
      return EXIT.ok;
    }),
  );
