import { setTimeout as sleep } from 'node:timers/promises';
import { MainspringError } from '../../base/errors';

/** Questions to a user at a terminal. Ctrl-C in any of them throws COMMAND_INTERRUPTED. */
export interface Prompts {
  search: <T>(message: string, find: (term: string) => Choice<T>[]) => Promise<T>;
  select: <T>(message: string, choices: Choice<T>[], preset?: T) => Promise<T>;
  text: (message: string, options?: TextOptions) => Promise<string>;
  /** Asks without showing what is typed. */
  secret: (message: string, options?: TextOptions) => Promise<string>;
  confirm: (message: string, preset: boolean) => Promise<boolean>;
  /** Prints something between two questions. */
  tell: (text: string) => void;
}

export interface Choice<T> {
  name: string;
  value: T;
  description?: string;
}

interface TextOptions {
  preset?: string;
  /** Returns what is wrong with an answer. */
  problem?: (answer: string) => string | undefined | Promise<string | undefined>;
}

const PAGE_SIZE = 12;

/** Creates the prompts. The library is loaded only here: `--help` does not wait for it. */
export async function createPrompts(
  interrupted: AbortSignal,
  tell: (text: string) => void = () => undefined,
): Promise<Prompts> {
  const prompts = await import('@inquirer/prompts');
  const context = { signal: interrupted };
  const validate =
    ({ problem }: TextOptions) =>
    async (answer: string) =>
      (await problem?.(answer)) ?? true;
  return {
    search: (message, find) =>
      answered(
        prompts.search(
          { message, pageSize: PAGE_SIZE, source: (term) => find(term?.trim() ?? '') },
          context,
        ),
      ),
    select: (message, choices, preset) =>
      answered(prompts.select({ message, choices, pageSize: PAGE_SIZE, default: preset }, context)),
    text: (message, options = {}) =>
      answered(
        prompts.input({ message, default: options.preset, validate: validate(options) }, context),
      ),
    secret: (message, options = {}) =>
      answered(prompts.password({ message, mask: '*', validate: validate(options) }, context)),
    confirm: (message, preset) => answered(prompts.confirm({ message, default: preset }, context)),
    tell,
  };
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const isCancelled =
      error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name);
    if (!isCancelled) throw error;
    await sleep(0); // the library puts the terminal back first
    throw new MainspringError('COMMAND_INTERRUPTED', 'Interrupted. Nothing was changed.', {
      cause: error,
      fix: '',
    });
  }
}
