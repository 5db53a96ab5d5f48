import { type Command, Option } from 'commander';
import { type Settings, type SettingOverrides } from '../config';
import { type Instance } from '../offline/instance';
import { type MainspringClient } from '../client/mainspring-client';
import { type Output } from './terminal/output';
import { type RunningTrace } from './trace';

/** What every command gets. */
export interface CommandContext {
  output: Output;
  /** Of this command line; what it changes carries the id, and so does its refusal. */
  trace: RunningTrace;
  /** The words after `--`, which are not ours. */
  afterDashes: readonly string[];
  settings: (overrides?: SettingOverrides) => Settings;
  /** Runs `work` with a connected client and closes it afterwards. */
  withClient: <T>(work: (client: MainspringClient) => Promise<T>) => Promise<T>;
  /** The instance that runs on the data directory; NOT_RUNNING when there is none. */
  instance: () => Promise<Instance>;
  /** Fires on Ctrl-C. */
  interrupted: AbortSignal;
}

/** Resolves with the exit code. */
export type Action = (context: CommandContext) => Promise<number>;

export interface RunOptions {
  /** It has something to say or to clean up on Ctrl-C; any other command is simply not waited for any more. */
  handlesInterrupt?: boolean;
}

/** Runs an action with its context; created once for the whole command line. */
export type Run = (options: GlobalOptions, action: Action, how?: RunOptions) => Promise<void>;

/** Gives a command, which has its name and description, the rest: arguments, options and what it does. */
export type Define = (command: Command, run: Run) => void;

/** What every module in `commands/` exports. */
export interface CommandModule {
  define: Define;
}

export interface GlobalOptions {
  json?: boolean;
  debug?: boolean;
  home?: string;
}

/** Ends the help of a command with a line to try. */
export function withExample(command: Command, example: string): Command {
  return command.addHelpText('after', `\nExample:\n  $ ${example}`);
}

/** The options that all commands take. */
export function addGlobalOptions(command: Command): Command {
  return command
    .option('--json', 'Print the result as one JSON document')
    .option('--home <dir>', 'Data directory (env: MAINSPRING_HOME)')
    .addOption(new Option('--debug', 'Print stack traces of errors (env: MAINSPRING_DEBUG)'));
}
