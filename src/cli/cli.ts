import { Command, CommanderError, Help, type Option } from 'commander';
import { type ErrorReport, MainspringError, withServerName, reportOf } from '../base/errors';
import { VERSION } from '../base/version';
import { addGlobalOptions, type GlobalOptions, type Run } from './command';
import { COMMANDS } from './commands';
import { unlessDiskIsToBlame } from './disk-problem';
import { EXIT, exitCodeOfError } from './exit-codes';
import { namedServer } from './options/named-server';
import { createOutput, type Output } from './terminal/output';
import { runAction } from './run-action';
import { startTrace } from './trace';
import { unknownCommand, unknownOption } from './unknown-command';

/** Runs one command line; resolves with the exit code. Only the bin file ends the process. */
export async function runCli(argv: readonly string[]): Promise<number> {
  // Known before parsing, because a wrong command line has to be reported in the right form too.
  const ours = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length);
  const afterDashes = argv.slice(ours.length + 1);
  const output = createOutput({ json: ours.includes('--json') });
  const isDebug = ours.includes('--debug') || isOn(process.env['MAINSPRING_DEBUG']);
  const trace = startTrace();
  let server: string | undefined;
  let exitCode: number = EXIT.ok;
  const printed: string[] = [];
  const program = createProgram(
    async (options, action, how) => {
      // Commander assigns an option that the program also has to the program, wherever it stands.
      const all = { ...options, ...program.opts<GlobalOptions>() };
      exitCode = await runAction({ output, trace, afterDashes }, all, action, how);
    },
    (text) => printed.push(text),
  );
  program.hook('preAction', (_program, command) => {
    server = namedServer(command);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    answerHelp(printed, output);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, printed, output);
    const home = () => homeOf(program.opts<GlobalOptions>());
    const report = naming(server, await unlessDiskIsToBlame(reportOf(error), home));
    const about = report.code === 'WRONG_USAGE' ? {} : { server, ...trace.end() };
    const stack = isDebug && error instanceof Error ? error.stack : undefined;
    output.error({ error: report, ...about }, stack);
    return exitCodeOfError(report.code);
  }
}

/** Puts the name of the server into the fix of an error that was found where that name is not known. */
function naming(server: string | undefined, report: ErrorReport): ErrorReport {
  return server === undefined ? report : { ...report, fix: withServerName(report.fix, server) };
}

async function homeOf({ home }: GlobalOptions): Promise<string> {
  const { loadSettings } = await import('../config.js');
  return loadSettings(process.env, { home }).home;
}

function createProgram(run: Run, write: (text: string) => void): Command {
  const program = addGlobalOptions(new Command('mainspring'))
    .description('Run MCP servers as durable workflows on Temporal')
    .version(VERSION, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Print help')
    .argument('[command]')
    .usage('[options] [command]')
    .addHelpText('after', '\nExample:\n  $ mainspring up --config examples/quickstart.json')
    .helpCommand(false)
    // The arguments of commands are not loaded for the list.
    .configureHelp({ optionDescription, subcommandTerm: (command) => command.name() })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: write,
      writeErr: () => undefined, // reported once, by endOfParsing
      outputError: () => undefined,
    })
    .action(async (name: string | undefined, options: GlobalOptions) => {
      if (name?.startsWith('-')) throw unknownOption(name, program);
      if (name !== undefined) throw unknownCommand(name, program);
      const { listServers } = await import('./commands/list.js');
      await run(options, listServers);
    });
  for (const [name, { description }] of Object.entries(COMMANDS)) {
    addGlobalOptions(program.command(name)).description(description);
  }
  program.hook('preSubcommand', async (_program, command) => {
    const module = await COMMANDS[command.name()]?.load();
    module?.define(command, run);
  });
  // The first word is the unknown command; what follows does not matter.
  return program.allowExcessArguments().allowUnknownOption();
}

/** Returns the description without the empty list that a repeatable option starts with. */
function optionDescription(option: Option): string {
  return new Help().optionDescription(option).replace(/ \(default: (\[\]|\{\})\)$/, '');
}

/** Ends the parsing: commander reports help and version as errors too. */
function endOfParsing(error: CommanderError, printed: string[], output: Output): number {
  if (error.code === 'commander.version') output.answer({ version: VERSION }, VERSION);
  else if (error.exitCode === 0) answerHelp(printed, output);
  if (error.exitCode === 0) return EXIT.ok;
  const message = error.message.replace(/^error: ./, (start) => start.slice(-1).toUpperCase());
  output.error({ error: new MainspringError('WRONG_USAGE', message).report() }, undefined);
  return EXIT.usage;
}

function answerHelp(printed: string[], output: Output): void {
  const text = printed.join('').trimEnd();
  if (text) output.answer({ help: text }, text);
}

function isOn(variable: string | undefined): boolean {
  return variable !== undefined && !['', '0', 'false', 'no', 'off'].includes(variable);
}
