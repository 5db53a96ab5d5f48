import { Option } from 'commander';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { wholeNumber } from '../options/parse';
import { eventText } from '../text/event-text';

const DEFAULT_LIMIT = 50;

interface EventsOptions extends GlobalOptions {
  follow?: boolean;
  clear?: boolean;
  limit: number;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring events everything --follow')
    .argument('[name]', 'Name of the server (default: all)')
    .option('--follow', 'Follow new events; with --json, one document per line')
    .option('--limit <n>', 'Number of most recent events to show', wholeNumber, DEFAULT_LIMIT)
    .addOption(new Option('--clear', 'Delete the events').conflicts('follow'))
    .action((server: string | undefined, options: EventsOptions) =>
      run(
        options,
        ({ withClient, output, interrupted }) =>
          withClient(async (client) => {
            const { limit } = options;
            if (server !== undefined) await client.servers.get(server);
            if (options.clear) {
              const cleared = await client.events.clear(server);
              output.answer(
                { cleared },
                `Deleted ${cleared} ${cleared === 1 ? 'event' : 'events'}.`,
              );
            } else if (options.follow) {
              for await (const event of client.events.follow({
                server,
                limit,
                signal: interrupted,
              })) {
                output.line(event, eventText(event));
              }
            } else {
              const found = await client.events.list({ server, limit });
              output.answer(
                found,
                found.map(eventText).join('\n') || (limit > 0 ? 'No events.' : ''),
              );
            }
            return EXIT.ok;
          }),
        { handlesInterrupt: options.follow },
      ),
    );
