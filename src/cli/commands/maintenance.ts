import { Argument } from 'commander';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { sendOrder } from '../actions/give-order';

interface MaintenanceOptions extends GlobalOptions {
  reason?: string;
}

export const maintenance = (run: Run) =>
  defineCommand(
    'maintenance',
    'Take a running server out of service: calls wait or are refused',
    "mainspring maintenance github on --reason 'new database'",
  )
    .argument('<name>', 'Name of the server')
    .addArgument(new Argument('<switch>', 'Start or end maintenance').choices(['on', 'off']))
    .option('--reason <text>', 'Reason, shown in the status of the server')
    .action((name: string, to: string, { reason, ...options }: MaintenanceOptions) =>
      run(options, (context) =>
        sendOrder(context, name, {
          order: 'maintenance',
          on: to === 'on',
          ...(reason && { reason }),
        }),
      ),
    );
