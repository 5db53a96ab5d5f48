import { Option } from 'commander';
import { defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { MainspringError } from '../../domain/errors';
import { type ServerEntry } from '../../client/check-new-entry';
import { startTrace } from '../lifecycle';
import { collectPairs } from '../parse';
import { stateText } from '../table';

interface AddOptions extends GlobalOptions {
  url?: string;
  type?: ServerEntry['type'];
  env: Record<string, string>;
  header: Record<string, string>;
  cwd?: string;
  tag: string[];
  start: boolean;
  wait: boolean;
}

export const add = (run: Run) =>
  defineCommand(
    'add',
    'add a server and start it',
    'mainspring add files -- npx -y @modelcontextprotocol/server-filesystem .',
  )
    .argument('<name>', 'what to call it')
    .argument('[command...]', 'after --: the program and its arguments')
    .option('--url <url>', 'where it listens (http, https, ws, wss)')
    .addOption(
      new Option('--type <type>', 'default: found out from the command or URL').choices([
        ...['stdio', 'http', 'sse', 'websocket'],
      ]),
    )
    .option(
      '--env <NAME=value>',
      'environment variable; ${VAR} stays a reference',
      collectPairs,
      {},
    )
    .option('--header <Name=value>', 'HTTP header; ${VAR} stays a reference', collectPairs, {})
    .option('--cwd <dir>', 'working directory of the program; default this one')
    .option(
      '--tag <tag>',
      'label to find it by',
      (tag: string, tags: string[]) => [...tags, tag],
      [],
    )
    .option('--no-start', 'only add it')
    .option('--wait', 'answer with the final state (default)')
    .option('--no-wait', 'answer as soon as it is recorded')
    .action((name: string, command: string[], options: AddOptions) =>
      run(options, async ({ withClient, output }) => {
        const entry = entryOf(command, options);
        const { checkNewEntry } = await import('../../client/check-new-entry.js');
        for (const warning of checkNewEntry(entry)) output.progress(`Warning: ${warning}`);
        return withClient(async ({ servers }) => {
          output.spin(`Adding ${name} …`);
          const traced = startTrace();
          const added = await servers.add(name, entry, {
            start: options.start ? undefined : false,
            wait: options.wait,
            correlationId: traced.correlationId,
          });
          const { state, reason } = added;
          output.answer(
            { ...added, ...traced.end() },
            `Added ${name}: ${stateText(state, output.fancy)}, ${reason}.`,
          );
          return EXIT.ok;
        });
      }),
    );

/** What the flags mean as an entry of a config file. */
function entryOf([command, ...args]: string[], options: AddOptions): ServerEntry {
  const { url, type, env, header, cwd, tag } = options;
  if (command === undefined && url === undefined) {
    throw new MainspringError('WRONG_USAGE', 'A server needs a command or a URL.', {
      fix: 'mainspring add <name> -- <command> [args…], or mainspring add <name> --url <url>.',
    });
  }
  return {
    ...(type && { type }),
    ...(command !== undefined && { command, args }),
    ...(url !== undefined && { url }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(Object.keys(header).length > 0 && { headers: header }),
    ...(cwd !== undefined && { cwd }),
    ...(tag.length > 0 && { tags: tag }),
  };
}
