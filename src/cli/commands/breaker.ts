import { Argument } from 'commander';
import { type IsolationOrder } from '../../domain/isolation/isolation';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { sendOrder } from '../actions/give-order';

type To = Extract<IsolationOrder, { order: 'breaker' }>['to'];

export const breaker = (run: Run) =>
  defineCommand(
    'breaker',
    'open or close the circuit breaker of a server by hand',
    'mainspring breaker github close',
  )
    .argument('<name>', 'server')
    .addArgument(
      new Argument(
        '<to>',
        'open: refuse calls until it is closed; close; reset: also forget what went wrong',
      ).choices(['open', 'close', 'reset']),
    )
    .action((name: string, to: To, options: GlobalOptions) =>
      run(options, (context) => sendOrder(context, name, { order: 'breaker', to })),
    );
