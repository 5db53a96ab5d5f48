import { defineCommand, type GlobalOptions, type Run } from '../command';
import { sendOrder } from '../actions/give-order';

export const release = (run: Run) =>
  defineCommand('release', 'end the quarantine of a server', 'mainspring release github')
    .argument('<name>', 'server')
    .action((name: string, options: GlobalOptions) =>
      run(options, (context) => sendOrder(context, name, { order: 'release' })),
    );
