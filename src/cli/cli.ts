import { Command, CommanderError } from 'commander';
import { loadSettings } from '../config';
import { MainspringError, reportOf } from '../domain/errors';
import { VERSION } from '../version';
import { type Action, type CommandContext, type GlobalOptions, type Run } from './command';
import { COMMANDS } from './commands';
import { listServers } from './commands/list';
import { EXIT, exitCodeOfError } from './exit-codes';
import { createOutput, type Output } from './output';

/** Runs one command line; resolves with the exit code. Only the bin file ends the process. */
export async function runCli(argv: readonly string[]): Promise<number> {
  // Known before parsing, because a wrong command line has to be reported in the right form too.
  const ours = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length);
  const output = createOutput({ json: ours.includes('--json') });
  const isDebug = ours.includes('--debug') || Boolean(process.env['MAINSPRING_DEBUG']);
  let exitCode: number = EXIT.ok;
  const run: Run = async (options, action) => {
    exitCode = await runAction(output, options, action);
  };
  try {
    await createProgram(run).parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, output);
    const report = reportOf(error);
    output.error(report, isDebug && error instanceof Error ? error.stack : undefined);
    return exitCodeOfError(report.code);
  }
}

function createProgram(run: Run): Command {
  const program = new Command('mainspring')
    .description('Runs MCP servers as durable workflows on Temporal.')
    .version(VERSION, '-V, --version')
    .option('--json', 'print exactly one JSON document')
    .option('--home <dir>', 'data directory (MAINSPRING_HOME)')
    .addHelpText('after', '\nExample:\n  $ mainspring up --config examples/quickstart.json')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeErr: () => undefined, // reported once, by endOfParsing
      outputError: () => undefined,
    })
    .action(async (_options, command: Command) => {
      const [unknown] = command.args;
      if (unknown !== undefined)
        command.error(`unknown command '${unknown}'`, { code: 'commander.unknownCommand' });
      await run(command.opts(), listServers);
    });
  program.allowExcessArguments();
  for (const create of COMMANDS) {
    const command = create(run);
    command.copyInheritedSettings(program);
    program.addCommand(command);
  }
  return program;
}

async function runAction(output: Output, options: GlobalOptions, action: Action): Promise<number> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  const settings: CommandContext['settings'] = (overrides) =>
    loadSettings(process.env, { home: options.home, ...overrides });
  try {
    return await action({
      output,
      settings,
      interrupted: interrupt.signal,
      async withClient(work) {
        // Loaded here, so that commands that need no Temporal start without it.
        const { MainspringClient } = await import('../client/mainspring-client.js');
        const client = await MainspringClient.connect({ home: settings().home });
        try {
          return await work(client);
        } finally {
          await client.close();
        }
      },
    });
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

/** Help and version end parsing as errors of commander too. */
function endOfParsing(error: CommanderError, output: Output): number {
  if (error.exitCode === 0) return EXIT.ok;
  const message = error.message.replace(/^error: /, '');
  const usage = new MainspringError('WRONG_USAGE', message);
  output.error(usage.report(), undefined);
  return EXIT.usage;
}
