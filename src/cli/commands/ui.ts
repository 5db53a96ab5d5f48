import { MainspringError } from '../../base/errors';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { openBrowser } from '../terminal/open-browser';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring ui --open')
    .option('--open', 'Open it in the browser')
    .action((options: GlobalOptions & { open?: boolean }) =>
      run(options, async ({ instance, output }) => {
        const url = (await instance()).temporal.uiUrl;
        if (!url) {
          throw new MainspringError(
            'NOT_RUNNING',
            'This instance is running without the Temporal UI.',
            {
              fix: 'Start Mainspring without --no-ui. An external Temporal has its own UI.',
            },
          );
        }
        if (options.open) openBrowser(url);
        output.answer({ url }, url);
        return EXIT.ok;
      }),
    );
