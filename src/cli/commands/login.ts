import { createInterface, type Interface } from 'node:readline';
import { type LoginResult } from '../../client/logins';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { openBrowser } from '../terminal/open-browser';
import { durationMs, wholeBetween } from '../options/parse';
import { stateText } from '../text/table';

const MAX_PORT = 65_535;

interface LoginCommandOptions extends GlobalOptions {
  browser: boolean;
  scope?: string;
  port?: number;
  timeout?: number;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring login linear')
    .argument('<name>', 'Name of the server')
    .option('--no-browser', 'Print the login URL without opening a browser')
    .option('--scope <scopes>', 'Scopes to request instead of those the server advertises')
    .option('--port <port>', 'Local callback port', wholeBetween(1, MAX_PORT))
    .option('--timeout <duration>', 'Maximum time to wait for the login (default: 5m)', durationMs)
    .action((name: string, options: LoginCommandOptions) =>
      run(options, (context) => logIn(context, name, options), { handlesInterrupt: true }),
    );

async function logIn(
  { withClient, output, interrupted }: CommandContext,
  name: string,
  { browser, scope, port, timeout }: LoginCommandOptions,
): Promise<number> {
  const typed = createInterface({ input: process.stdin });
  try {
    return await withClient(async ({ logins }) => {
      const result = await logins.login(name, {
        onPage: (page) => {
          const isOpened = browser && openBrowser(page);
          output.progress(
            `${isOpened ? 'Opening this page in your browser' : 'Open this page in a browser'} to log in:\n`,
          );
          output.progress(`  ${page}\n`);
          output.progress(
            'If the browser is on another machine, its last page will fail to load. Paste the URL of that page here.',
          );
        },
        pasted: linesOf(typed),
        onWrongPaste: () => output.progress('This URL does not belong to this login. Try again.'),
        signal: interrupted,
        ...(scope !== undefined && { scopes: scope.split(/\s+/).filter(Boolean) }),
        ...(port !== undefined && { port }),
        ...(timeout !== undefined && { timeoutMs: timeout }),
      });
      output.answer(result, loggedInText(result, output.fancy));
      return EXIT.ok;
    });
  } finally {
    typed.close();
  }
}

async function* linesOf(typed: Interface): AsyncGenerator<string> {
  yield* typed;
}

function loggedInText({ server, issuer, renewable, status }: LoginResult, fancy: boolean): string {
  const until = renewable ? '' : '. You will have to log in again when the access expires';
  const { state, reason } = status;
  return `Logged in to ${server} at ${issuer}${until}.\n${server} is ${stateText(state, fancy)}: ${reason}`;
}
