import { type CommandLine, FLAG, type LauncherOptions, readLauncherOptions } from './program-words';

/** Only bare names: `/home/me/venv/bin/python` is somebody's own environment, and `python3.11` is somebody's choice. */
const INTERPRETERS = ['python', 'python3', 'py'];

/** None of them changes what is run: unbuffered, no byte code, optimised, quiet, isolated, and the `-3` of Windows. */
const FLAGS: LauncherOptions = Object.fromEntries(
  ['u', 'B', 'O', 'q', 's', 'E', 'I', '3'].map((letter) => [letter, { ...FLAG, short: letter }]),
);

export interface PythonWords {
  /** The script that is run, as it was written. */
  script?: string;
  /** The module that is run by `-m`. */
  module?: string;
  /** What follows it. */
  rest: string[];
}

/** What a bare `python` runs; undefined when it is something else, or has options that say more than how. */
export function readPythonWords({ command, args }: CommandLine): PythonWords | undefined {
  if (!INTERPRETERS.includes(command)) return undefined;
  const dashM = args.findIndex((word) => !/^-[a-zA-Z0-9]$/.test(word) || word === '-m');
  const launched = readLauncherOptions(args.slice(0, dashM), FLAGS);
  if (dashM === -1 || launched === undefined || launched.rest.length > 0) return undefined;
  const [first = '', second, ...others] = args.slice(dashM);
  if (first === '-m') return second === undefined ? undefined : { module: second, rest: others };
  if (!first.endsWith('.py')) return undefined;
  return { script: first, rest: args.slice(dashM + 1) };
}
