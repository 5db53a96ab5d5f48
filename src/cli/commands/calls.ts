import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { timeText } from '../health-text';
import { wholeNumber } from '../parse';
import { durationText, renderTable } from '../table';

const DEFAULT_LIMIT = 20;

export const calls = (run: Run) =>
  defineCommand('calls', 'show the calls, newest first', 'mainspring calls everything')
    .argument('[server]', 'server (default: all)')
    .option('--limit <n>', 'newest calls to show', wholeNumber, DEFAULT_LIMIT)
    .action((server: string | undefined, options: GlobalOptions & { limit: number }) =>
      run(options, ({ withClient, output }) =>
        withClient(async (client) => {
          if (server !== undefined) await client.servers.get(server);
          const records = await client.calls.list({ server, limit: options.limit });
          const rows = records.map((record) => [
            timeText(record.submittedAtMs),
            record.server,
            record.tool,
            record.status,
            record.path ?? 'durable',
            record.ranMs === undefined ? '-' : durationText(record.ranMs),
            record.callId,
          ]);
          const head = ['Submitted', 'Server', 'Tool', 'Outcome', 'Path', 'Ran', 'Call'];
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
