import { Option } from 'commander';
import { type ServerEvent } from '../../domain/events';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { wholeNumber } from '../options/parse';

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

/** `2026-11-21 12:03:04.567Z files STARTING → RUNNING: it answers (local:ada)` */
export function eventText(event: ServerEvent): string {
  const { atMs, server, reason, actor } = event;
  const time = new Date(atMs).toISOString().replace('T', ' ');
  const who = actor === 'mainspring' ? '' : ` (${actor})`;
  return `${time} ${server || 'mainspring'}${moveText(event)}: ${oneLine(reason)}${who}`;
}

function moveText({ kind, from, to, healthFrom, healthTo }: ServerEvent): string {
  switch (kind) {
    case 'transition':
      return ` ${from === to ? to : `${from} → ${to}`}`;
    case 'health':
      return ` ${healthFrom} → ${healthTo}`;
    case 'note':
      return '';
  }
}

/** The last words of a program have lines of their own. */
export function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' / ');
}
