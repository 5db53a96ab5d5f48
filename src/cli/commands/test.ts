import { defineCommand, type Run } from '../command';
import { atLeastOne } from '../options/parse';
import { validateServers, type ValidateOptions } from './validate';

export const test = (run: Run) =>
  defineCommand(
    'test',
    'Run a quick test of a server: start, handshake and listings (validate runs more checks)',
    'mainspring test everything',
  )
    .argument('[name]', 'Name of the server')
    .option('--all', 'Test all enabled servers')
    .option(
      '--parallel <n>',
      'Maximum number of servers to test in parallel (default: 2)',
      atLeastOne,
    )
    .action((name: string | undefined, options: ValidateOptions) =>
      run(options, (context) => validateServers(context, name, { ...options, quick: true }), {
        handlesInterrupt: true,
      }),
    );
