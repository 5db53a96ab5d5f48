import { type Define, withExample } from '../command';
import { atLeastOne } from '../options/parse';
import { validateServers, type ValidateOptions } from './validate';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring test everything')
    .argument('[name]', 'server')
    .option('--all', 'every enabled server')
    .option('--parallel <n>', 'servers at once (default 2)', atLeastOne)
    .action((name: string | undefined, options: ValidateOptions) =>
      run(options, (context) => validateServers(context, name, { ...options, quick: true }), {
        handlesInterrupt: true,
      }),
    );
