import { type Define, withExample } from '../command';
import { atLeastOne } from '../options/parse';
import { validateServers, type ValidateOptions } from './validate';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring test everything')
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
