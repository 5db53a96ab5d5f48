import { type Define, type GlobalOptions, withExample } from '../command';
import { sendOrder } from '../actions/give-order';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring release github')
    .argument('<name>', 'Name of the server')
    .action((name: string, options: GlobalOptions) =>
      run(options, (context) => sendOrder(context, name, { order: 'release' })),
    );
