import { defineCommand, type GlobalOptions, type Run } from '../command';
import { sendOrder } from '../actions/give-order';
import { durationMs } from '../options/parse';

interface QuarantineOptions extends GlobalOptions {
  for?: number;
  reason?: string;
}

export const quarantine = (run: Run) =>
  defineCommand(
    'quarantine',
    'Refuse calls to a server while it keeps running',
    "mainspring quarantine github --for 10m --reason 'leaks file names'",
  )
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
