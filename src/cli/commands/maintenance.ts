import { Argument } from 'commander';
import { type Define, type GlobalOptions, withExample } from '../command';
import { sendOrder } from '../actions/give-order';

interface MaintenanceOptions extends GlobalOptions {
  reason?: string;
}

export const define: Define = (command, run) =>
  withExample(command, "mainspring maintenance github on --reason 'new database'")
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
