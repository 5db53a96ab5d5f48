import { spawn } from 'node:child_process';
import { readInstance } from '../../client/instance';
import { MainspringError } from '../../domain/errors';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';

export const ui = (run: Run) =>
  defineCommand('ui', 'print the address of the Temporal UI', 'mainspring ui --open')
    .option('--open', 'open it in the browser')
    .action((options: GlobalOptions & { open?: boolean }) =>
      run(options, async ({ settings, output }) => {
        const { home } = settings();
        const url = (await readInstance(home))?.temporal.uiUrl;
        if (!url) {
          const message = `No Temporal UI is served by an instance on ${home}.`;
          throw new MainspringError('NOT_RUNNING', message);
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
