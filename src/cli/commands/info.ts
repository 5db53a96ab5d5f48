import { readInstance } from '../../client/instance';
import { MainspringError } from '../../domain/errors';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { infoOf, renderInfo } from '../info-text';

export const info = (run: Run) =>
  defineCommand('info', 'show where the running instance is', 'mainspring info --json').action(
    (options: GlobalOptions) =>
      run(options, async ({ settings, output }) => {
        const { home } = settings();
        const instance = await readInstance(home);
        if (!instance) {
          throw new MainspringError(
            'NOT_RUNNING',
            `No Mainspring runs on the data directory ${home}.`,
          );
        }
        output.answer(infoOf(home, instance), renderInfo(home, instance));
        return EXIT.ok;
      }),
  );
