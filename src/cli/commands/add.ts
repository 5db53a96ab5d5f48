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
    .argument('[name]', 'Name of the server (default with --template: the name of the template)')
    .argument('[command...]', 'Command that runs the server, after --')
    .option('--template <template>', 'Template to use (see: mainspring templates)')
    .option('--set <key=value>', 'Parameter of the template; repeat for a list', collect, [])
    .option('--url <url>', 'URL of a remote server (http, https, ws or wss)')
    .addOption(
      new Option(
        '--type <type>',
        'Transport type (default: detected from the command or URL)',
      ).choices([...['stdio', 'http', 'sse', 'websocket']]),
    )
    .option(
      '--env <NAME=value>',
      'Environment variable; ${VAR} is stored as a reference (repeatable)',
      collectPairs,
      {},
    )
    .option(
      '--header <Name=value>',
      'HTTP header; ${VAR} is stored as a reference (repeatable)',
      collectPairs,
      {},
    )
    .option('--cwd <dir>', 'Working directory of the program (default: current directory)')
    .option('--tag <tag>', 'Tag to filter by (repeatable)', collect, [])
    .option(
      '--as-is',
      'Run npx, uvx and similar commands unchanged instead of installing the package',
    )
    .option(
      '--allow-scripts <package>',
      'Allow install scripts of this package (repeatable)',
      collect,
      [],
    )
    .option('--on-demand', 'Start on the first call and stop when idle')
    .option('--replicas <n>', 'Number of sessions that share the calls', atLeastOne)
    .option('--requires <label>', 'Run only on hosts with this label (repeatable)', collect, [])
    .option('--dry-run', 'Print the config entry without adding it')
    .option('--no-start', 'Add the server without starting it')
    .option('--wait', 'Wait for the final state (default)')
    .option('--no-wait', 'Return as soon as the command is recorded')
    .action((name: string | undefined, command: string[], options: AddOptions) =>
      isQuestion(name, command, options)
        ? run(options, addByQuestions, { handlesInterrupt: true })
        : run(options, (context) => addByFlags(context, name, command, options)),
    );

/** Whether the command line says nothing about what to add. */
function isQuestion(name: string | undefined, command: string[], options: AddOptions): boolean {
  const { url, template, set } = options;
  const isSaid = name !== undefined || url !== undefined || template !== undefined;
  return !isSaid && command.length === 0 && set.length === 0;
}

async function addByQuestions(context: CommandContext): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY || context.output.json) {
    const message = 'The wizard needs a terminal.';
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
  // In `add -- node server.js` the first word is not a name.
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
    output.spin(`Adding ${name}…`);
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
