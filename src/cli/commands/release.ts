import { defineCommand, type GlobalOptions, type Run } from '../command';
import { sendOrder } from '../actions/give-order';

export const release = (run: Run) =>
  defineCommand('release', 'End the quarantine of a server', 'mainspring release github')
    .argument('<name>', 'Name of the server')
    .action((name: string, options: GlobalOptions) =>
      run(options, (context) => sendOrder(context, name, { order: 'release' })),
    );
