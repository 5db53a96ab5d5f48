import { Argument } from 'commander';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { sendOrder } from '../actions/give-order';

interface MaintenanceOptions extends GlobalOptions {
  reason?: string;
}

export const maintenance = (run: Run) =>
  defineCommand(
    'maintenance',
    'take a server out of service while it goes on running: calls wait, or are refused',
    "mainspring maintenance github on --reason 'new database'",
  )
    .argument('<name>', 'server')
    .addArgument(new Argument('<switch>', 'begin or end it').choices(['on', 'off']))
    .option('--reason <text>', 'shown in its status')
    .action((name: string, to: string, { reason, ...options }: MaintenanceOptions) =>
      run(options, (context) =>
        sendOrder(context, name, {
          order: 'maintenance',
          on: to === 'on',
          ...(reason && { reason }),
        }),
      ),
    );
