import { type Command, Option } from 'commander';
import { type Settings, type SettingOverrides } from '../config';
import { type Instance } from '../offline/instance';
import { type MainspringClient } from '../client/mainspring-client';
import { type Output } from './terminal/output';
import { type RunningTrace } from './trace';

/** Context that every command gets. */
export interface CommandContext {
  output: Output;
  /** Trace of this command line; its changes carry the id, and so does its error. */
  trace: RunningTrace;
  /** Words after `--`, which Mainspring does not interpret. */
  afterDashes: readonly string[];
  settings: (overrides?: SettingOverrides) => Settings;
  /** Runs `work` with a connected client and closes it afterwards. */
  withClient: <T>(work: (client: MainspringClient) => Promise<T>) => Promise<T>;
  /** Returns the instance that runs on the data directory; throws NOT_RUNNING when there is none. */
  instance: () => Promise<Instance>;
  /** Fires on Ctrl-C. */
  interrupted: AbortSignal;
}

/** Resolves with the exit code. */
export type Action = (context: CommandContext) => Promise<number>;

export interface RunOptions {
  /** Whether it prints or cleans up something on Ctrl-C; any other command is simply abandoned. */
  handlesInterrupt?: boolean;
}

/** Runs an action with its context; created once for the whole command line. */
export type Run = (options: GlobalOptions, action: Action, how?: RunOptions) => Promise<void>;

/** Adds to a command, which has its name and description, the rest: arguments, options and its action. */
export type Define = (command: Command, run: Run) => void;

/** Exports of every module in `commands/`. */
export interface CommandModule {
  define: Define;
}

export interface GlobalOptions {
  json?: boolean;
  debug?: boolean;
  home?: string;
}

/** Ends the help of a command with an example. */
export function withExample(command: Command, example: string): Command {
  return command.addHelpText('after', `\nExample:\n  $ ${example}`);
}

/** Adds the options that all commands take. */
export function addGlobalOptions(command: Command): Command {
  return command
    .option('--json', 'Print the result as one JSON document')
    .option('--home <dir>', 'Data directory (env: MAINSPRING_HOME)')
    .addOption(new Option('--debug', 'Print stack traces of errors (env: MAINSPRING_DEBUG)'));
}
