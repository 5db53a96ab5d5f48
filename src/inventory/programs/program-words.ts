import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type ProgramSource } from '../../domain/programs/programs';

/** Program that a launcher starts, and the arguments of the server. */
export interface NamedProgram {
  source: ProgramSource;
  args: string[];
}

/** Options that a launcher such as `npx` accepts before the name of the program. */
export type LauncherOptions = NonNullable<ParseArgsConfig['options']>;

export interface ParsedLauncher {
  /** Values of an option, in order; none when it was not given. */
  valuesOf: (option: string) => string[];
  /** Words from the first one that belongs to no option. */
  rest: string[];
  /** Whether `--` preceded them. */
  afterDashes: boolean;
}

export const FLAG = { type: 'boolean' } as const;
export const VALUE = { type: 'string' } as const;

/** Parses options up to the first other word; undefined for an unknown option, because it may take a value. */
export function readLauncherOptions(
  words: string[],
  options: LauncherOptions,
): ParsedLauncher | undefined {
  const { tokens } = parseArgs({ args: words, options, strict: false, tokens: true });
  const end = tokens.find(({ kind }) => kind !== 'option');
  const endsAt = end?.index ?? words.length;
  const values: [string, string][] = [];
  for (const token of tokens) {
    if (token.kind !== 'option' || token.index >= endsAt) continue;
    const type = options[token.name]?.type;
    if (type === undefined) return undefined;
    if (type === 'string' && token.value === undefined) return undefined;
    if (token.value !== undefined) values.push([token.name, token.value]);
  }
  const afterDashes = end?.kind === 'option-terminator';
  return {
    valuesOf: (option) => values.flatMap(([name, value]) => (name === option ? [value] : [])),
    rest: words.slice(afterDashes ? endsAt + 1 : endsAt),
    afterDashes,
  };
}

/** A command line in the form that programs are recognised by. */
export interface CommandLine {
  /** Bare name without `.cmd` or `.exe`; a path is an explicit choice and never recognised. */
  command: string;
  args: string[];
  /** Working directory; undefined when only the host knows it. */
  cwd: string | undefined;
  /** Whether `cwd` was given explicitly, and is not only the folder of the config. */
  cwdGiven: boolean;
}

/** Whether the text has a reference, so that only the host knows its value. */
export function hasReference(text: string): boolean {
  return text.includes('${');
}
