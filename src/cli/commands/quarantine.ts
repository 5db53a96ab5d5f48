import { type Define, type GlobalOptions, withExample } from '../command';
import { sendOrder } from '../actions/give-order';
import { durationMs } from '../options/parse';

interface QuarantineOptions extends GlobalOptions {
  for?: number;
  reason?: string;
}

export const define: Define = (command, run) =>
  withExample(command, "mainspring quarantine github --for 10m --reason 'leaks file names'")
    .argument('<name>', 'Name of the server')
    .option(
      '--for <duration>',
      'Release after this time (default: when released manually)',
      durationMs,
    )
    .option('--reason <text>', 'Reason, shown to callers')
    .action((name: string, { for: forMs, reason, ...options }: QuarantineOptions) =>
      run(options, (context) =>
        sendOrder(context, name, {
          order: 'quarantine',
          ...(forMs !== undefined && { forMs }),
          ...(reason && { reason }),
        }),
      ),
    );
