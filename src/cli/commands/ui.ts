import { MainspringError } from '../../base/errors';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { openBrowser } from '../terminal/open-browser';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring ui --open')
    .option('--open', 'open it in the browser')
    .action((options: GlobalOptions & { open?: boolean }) =>
      run(options, async ({ instance, output }) => {
        const url = (await instance()).temporal.uiUrl;
        if (!url) {
          throw new MainspringError('NOT_RUNNING', 'This instance runs without the Temporal UI.', {
            fix: 'Start it without --no-ui; a Temporal of your own has its own UI.',
          });
        }
        if (options.open) openBrowser(url);
        output.answer({ url }, url);
        return EXIT.ok;
      }),
    );
