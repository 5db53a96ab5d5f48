import { type CommandLine, FLAG, type LauncherOptions, readLauncherOptions } from './program-words';

/** Only bare names: `/home/me/venv/bin/python` is the user's own environment, and `python3.11` an explicit choice. */
const INTERPRETERS = ['python', 'python3', 'py'];

/** Flags that do not change the program: unbuffered, no byte code, optimised, quiet, isolated, and the `-3` of Windows. */
const FLAGS: LauncherOptions = Object.fromEntries(
  ['u', 'B', 'O', 'q', 's', 'E', 'I', '3'].map((letter) => [letter, { ...FLAG, short: letter }]),
);

export interface PythonCommand {
  /** Path of the script, as written. */
  script?: string;
  /** Name of the module after `-m`. */
  module?: string;
  /** Arguments after it. */
  rest: string[];
}

/** Parses the words of a bare `python`; undefined for another command, or with options that change the program. */
export function readPythonCommand({ command, args }: CommandLine): PythonCommand | undefined {
  if (!INTERPRETERS.includes(command)) return undefined;
  const dashM = args.findIndex((word) => !/^-[a-zA-Z0-9]$/.test(word) || word === '-m');
  const launched = readLauncherOptions(args.slice(0, dashM), FLAGS);
  if (dashM === -1 || launched === undefined || launched.rest.length > 0) return undefined;
  const [first = '', second, ...others] = args.slice(dashM);
  if (first === '-m') return second === undefined ? undefined : { module: second, rest: others };
  if (!first.endsWith('.py')) return undefined;
  return { script: first, rest: args.slice(dashM + 1) };
}
