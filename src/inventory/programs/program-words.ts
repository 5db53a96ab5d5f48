import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type ProgramSource } from '../../domain/programs/programs';

/** What a launcher launches, and the arguments that are the server's own. */
export interface NamedProgram {
  source: ProgramSource;
  args: string[];
}

/** What a launcher such as `npx` takes before the name of what it launches. */
export type LauncherOptions = NonNullable<ParseArgsConfig['options']>;

export interface LaunchedWords {
  /** Values of an option, in order; none when it was not given. */
  valuesOf: (option: string) => string[];
  /** From the first word that belongs to no option. */
  rest: string[];
  /** `--` stood before it. */
  afterDashes: boolean;
}

export const FLAG = { type: 'boolean' } as const;
export const VALUE = { type: 'string' } as const;

/** Reads options up to the first other word; undefined when one of them is not known, so that its value cannot be told. */
export function readLauncherOptions(
  words: string[],
  options: LauncherOptions,
): LaunchedWords | undefined {
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

/** A command line as programs are recognised by it. */
export interface CommandLine {
  /** A bare name without `.cmd` or `.exe`; a path is somebody's own choice, and never recognised. */
  command: string;
  args: string[];
  /** Where it is started; undefined when only the host knows. */
  cwd: string | undefined;
  /** Whether `cwd` was asked for, and is not just where the config lies. */
  cwdGiven: boolean;
}

/** Only the host knows what a text with a reference means. */
export function hasReference(text: string): boolean {
  return text.includes('${');
}
