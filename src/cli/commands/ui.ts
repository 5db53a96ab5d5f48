import { spawn } from 'node:child_process';
import { MainspringError } from '../../domain/errors';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';

export const ui = (run: Run) =>
  defineCommand('ui', 'print the address of the Temporal UI', 'mainspring ui --open')
    .option('--open', 'open it in the browser')
    .action((options: GlobalOptions & { open?: boolean }) =>
      run(options, async ({ instance, output }) => {
        const url = (await instance()).temporal.uiUrl;
        if (!url) {
          throw new MainspringError('NOT_RUNNING', 'This instance runs without the Temporal UI.', {
            fix: 'Start it without --no-ui; a Temporal of your own has its own UI.',
          });
        }
        if (options.open) openInBrowser(url);
        output.answer({ url }, url);
        return EXIT.ok;
      }),
    );

function openInBrowser(url: string): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined); // no browser here: the address is printed anyway
  child.unref();
}
