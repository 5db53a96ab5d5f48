import { Option } from 'commander';
import { MainspringError } from '../../base/errors';
import { type CommandContext, type Define, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { ADD_WAYS, type AddOptions, newServer } from '../options/new-server';
import { atLeastOne, collect, collectPairs } from '../options/parse';
import { stateText } from '../text/table';

export const define: Define = (command, run) =>
  withExample(
    command,
    'mainspring add files -- npx -y @modelcontextprotocol/server-filesystem .\n' +
      "  $ mainspring add warehouse --template postgres --set url='${DATABASE_URL}'",
  )
    .argument('[name]', 'server; a template has a name of its own')
    .argument('[command...]', 'after --: the program and its arguments')
    .option('--template <template>', 'start from a template: mainspring templates')
    .option('--set <key=value>', 'parameter of the template; repeat it for a list', collect, [])
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
    .option('--tag <tag>', 'label to find it by', collect, [])
    .option('--as-is', 'leave npx, uvx and the like alone instead of installing what they name')
    .option('--allow-scripts <package>', 'its code may run while it is installed', collect, [])
    .option('--on-demand', 'start it at its first call, and stop it when nobody calls')
    .option('--replicas <n>', 'sessions that share its calls', atLeastOne)
    .option('--requires <label>', 'its host must have this label', collect, [])
    .option('--dry-run', 'only show what would be added')
    .option('--no-start', 'only add it')
    .option('--wait', 'answer with the final state (default)')
    .option('--no-wait', 'answer as soon as it is recorded')
    .action((name: string | undefined, command: string[], options: AddOptions) =>
      isQuestion(name, command, options)
        ? run(options, addByQuestions, { handlesInterrupt: true })
        : run(options, (context) => addByFlags(context, name, command, options)),
    );

/** Whether nothing says what to add. */
function isQuestion(name: string | undefined, command: string[], options: AddOptions): boolean {
  const { url, template, set } = options;
  const isSaid = name !== undefined || url !== undefined || template !== undefined;
  return !isSaid && command.length === 0 && set.length === 0;
}

async function addByQuestions(context: CommandContext): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY || context.output.json) {
    const message = 'There is no terminal to ask what to add.';
    throw new MainspringError('WRONG_USAGE', message, { fix: ADD_WAYS });
  }
  const { addByWizard } = await import('../prompts/add-wizard.js');
  return addByWizard(context);
}

async function addByFlags(
  { withClient, output, settings, trace, afterDashes }: CommandContext,
  first: string | undefined,
  rest: string[],
  options: AddOptions,
): Promise<number> {
  const { home } = settings();
  // Of `add -- node server.js` the first word is no name.
  const isNamed = first !== undefined && rest.length >= afterDashes.length;
  const command = isNamed ? rest : [...afterDashes];
  const given = isNamed ? first : undefined;
  const { name, entry, secrets, warnings } = await newServer(given, command, options, home);
  if (options.dryRun) {
    const config = { mcpServers: { [name]: entry } };
    output.answer(config, JSON.stringify(config, null, 2));
    return EXIT.ok;
  }
  const { checkNewEntry } = await import('../../offline/check-new-entry.js');
  for (const warning of [...warnings, ...checkNewEntry(entry)]) {
    output.progress(`Warning: ${warning}`);
  }
  return withClient(async ({ servers }) => {
    if (Object.keys(secrets).length > 0) {
      const { saveSecrets } = await import('../../offline/templates.js');
      await saveSecrets(home, name, secrets);
    }
    output.spin(`Adding ${name} …`);
    const added = await servers.add(name, entry, {
      start: options.start ? undefined : false,
      wait: options.wait,
      correlationId: trace.correlationId,
    });
    const { state, reason } = added;
    output.answer(
      { ...added, ...trace.end() },
      `Added ${name}: ${stateText(state, output.fancy)}, ${reason}.`,
    );
    return EXIT.ok;
  });
}
