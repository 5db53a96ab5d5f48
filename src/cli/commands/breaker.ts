import { Argument } from 'commander';
import { type IsolationOrder } from '../../domain/isolation/isolation';
import { type Define, type GlobalOptions, withExample } from '../command';
import { sendOrder } from '../actions/give-order';

type To = Extract<IsolationOrder, { order: 'breaker' }>['to'];

export const define: Define = (command, run) =>
  withExample(command, 'mainspring breaker github close')
    .argument('<name>', 'Name of the server')
    .addArgument(
      new Argument(
        '<to>',
        'open refuses calls until the breaker is closed; reset closes it and clears the failure history',
      ).choices(['open', 'close', 'reset']),
    )
    .action((name: string, to: To, options: GlobalOptions) =>
      run(options, (context) => sendOrder(context, name, { order: 'breaker', to })),
    );
