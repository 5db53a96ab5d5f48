import { Command, Option } from 'commander';
import { type Settings, type SettingOverrides } from '../config';
import { type MainspringClient } from '../client/mainspring-client';
import { type Output } from './output';

/** What every command gets. */
export interface CommandContext {
  output: Output;
  settings: (overrides?: SettingOverrides) => Settings;
  /** Runs `work` with a connected client and closes it afterwards. */
  withClient: <T>(work: (client: MainspringClient) => Promise<T>) => Promise<T>;
  /** Fires on Ctrl-C: a command that follows or waits ends cleanly. */
  interrupted: AbortSignal;
}

/** Resolves with the exit code. */
export type Action = (context: CommandContext) => Promise<number>;

/** Runs an action with its context; created once for the whole command line. */
export type Run = (options: GlobalOptions, action: Action) => Promise<void>;

export interface GlobalOptions {
  json?: boolean;
  debug?: boolean;
  home?: string;
}

/** A command with the options that all of them take. */
export function defineCommand(name: string, description: string, example: string): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'print exactly one JSON document')
    .option('--home <dir>', 'data directory (MAINSPRING_HOME)')
    .addOption(new Option('--debug', 'print the stack of an error').hideHelp())
    .addHelpText('after', `\nExample:\n  $ ${example}`);
}
