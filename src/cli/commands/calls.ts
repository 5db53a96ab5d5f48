import { renderCallStats } from '../text/call-stats-text';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { type CallStats } from '../../domain/calls/call-stats';
import { EXIT } from '../exit-codes';
import { timeText } from '../text/health-text';
import { wholeNumber } from '../options/parse';
import { durationText, renderTable } from '../text/table';

const DEFAULT_LIMIT = 20;

interface CallsOptions extends GlobalOptions {
  limit: number;
  stats?: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring calls everything')
    .argument('[server]', 'Name of the server (default: all)')
    .option('--limit <n>', 'Maximum number of calls to show', wholeNumber, DEFAULT_LIMIT)
    .option('--stats', 'Show call statistics per tool for the last hour')
    .action((server: string | undefined, options: CallsOptions) =>
      run(options, (context) =>
        context.withClient(async (client) => {
          const { output } = context;
          if (server !== undefined) await client.servers.get(server);
          if (options.stats) return showStats(context, await client.calls.stats(server));
          const records = await client.calls.list({ server, limit: options.limit });
          const rows = records.map((record) => [
            timeText(record.submittedAtMs),
            record.server,
            record.tool,
            record.status,
            record.path ?? 'durable',
            record.attempts === undefined ? '-' : String(record.attempts),
            record.ranMs === undefined ? '-' : durationText(record.ranMs),
            record.callId,
          ]);
          const head = [
            'Submitted',
            'Server',
            'Tool',
            'Outcome',
            'Path',
            'Attempts',
            'Ran',
            'Call',
          ];
          output.answer(
            records,
            rows.length > 0 || options.limit === 0
              ? renderTable(head, rows, output.fancy)
              : 'No calls.',
          );
          return EXIT.ok;
        }),
      ),
    );

function showStats({ output }: CommandContext, stats: readonly CallStats[]): number {
  output.answer(stats, renderCallStats(stats, Date.now(), output.fancy));
  return EXIT.ok;
}
