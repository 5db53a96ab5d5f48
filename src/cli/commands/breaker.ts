import { Argument } from 'commander';
import { type IsolationOrder } from '../../domain/isolation/isolation';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { sendOrder } from '../actions/give-order';

type To = Extract<IsolationOrder, { order: 'breaker' }>['to'];

export const breaker = (run: Run) =>
  defineCommand(
    'breaker',
    'Open or close the circuit breaker of a server',
    'mainspring breaker github close',
  )
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
