import { defineCommand, type Run } from '../command';
import { atLeastOne } from '../options/parse';
import { validateServers, type ValidateOptions } from './validate';

export const test = (run: Run) =>
  defineCommand(
    'test',
    'try a server quickly: it starts, speaks MCP and lists what it has; validate does more',
    'mainspring test everything',
  )
    .argument('[name]', 'server')
    .option('--all', 'every enabled server')
    .option('--parallel <n>', 'servers at once (default 2)', atLeastOne)
    .action((name: string | undefined, options: ValidateOptions) =>
      run(options, (context) => validateServers(context, name, { ...options, quick: true }), {
        handlesInterrupt: true,
      }),
    );
