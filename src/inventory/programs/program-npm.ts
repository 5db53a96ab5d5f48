import { existsSync } from 'node:fs';
import path from 'node:path';
import { type NpmSource } from '../../domain/programs/programs';
import {
  type CommandLine,
  FLAG,
  hasReference,
  type LauncherOptions,
  type NamedProgram,
  readLauncherOptions,
  VALUE,
} from './program-words';

const OPTIONS: LauncherOptions = {
  yes: { ...FLAG, short: 'y' },
  quiet: { ...FLAG, short: 'q' },
  silent: { ...FLAG, short: 's' },
  'prefer-online': FLAG,
  'prefer-offline': FLAG,
  package: { ...VALUE, short: 'p' },
};

/** A registry name with an optional version, range or tag; no paths, URLs, aliases or repositories. */
const PACKAGE = /^((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*)(?:@([^@:/\\]+))?$/i;
const TARBALL = /\.(?:tgz|tar|tar\.gz)$/i;

/** Returns the program that `npx`, `npm exec`, `pnpm dlx`, `yarn dlx` or `bunx` would fetch and run. */
export function npmProgramOf({ command, args, cwd }: CommandLine): NamedProgram | undefined {
  const words = wordsAfterLauncher(command, args);
  const launched = words && readLauncherOptions(words, OPTIONS);
  if (launched === undefined || cwd === undefined) return undefined;
  const named = launched.valuesOf('package');
  const [first, ...rest] = launched.rest;
  if (first === undefined) return undefined;
  const specs = (named.length > 0 ? named : [first]).map(packageOf);
  const [main, ...others] = specs;
  if (main === undefined || others.some((other) => other === undefined)) return undefined;
  if (isInstalledIn(cwd, main.name)) return undefined;
  const own = command === 'npm' && !launched.afterDashes ? afterNpmOptions(rest) : rest;
  if (own === undefined || hasReference(first)) return undefined;
  const source: NpmSource = {
    method: 'npm',
    package: main.name,
    wanted: main.wanted,
    ...(named.length > 0 && { bin: first }),
    ...(others.length > 0 && { with: named.slice(1) }),
  };
  return { source, args: own };
}

function wordsAfterLauncher(command: string, args: string[]): string[] | undefined {
  const [verb = '', ...rest] = args;
  if (['npx', 'pnpx', 'bunx'].includes(command)) return args;
  if (command === 'npm' && ['exec', 'x'].includes(verb)) return rest;
  return ['pnpm', 'yarn'].includes(command) && verb === 'dlx' ? rest : undefined;
}

function packageOf(spec: string): { name: string; wanted: string } | undefined {
  const [, name, wanted = 'latest'] = PACKAGE.exec(spec) ?? [];
  if (name === undefined || TARBALL.test(spec) || hasReference(spec)) return undefined;
  return { name, wanted };
}

/** Whether the package is installed in the working directory: launchers then run that copy, which belongs to the user. */
function isInstalledIn(cwd: string, name: string): boolean {
  return existsSync(path.join(cwd, 'node_modules', name, 'package.json'));
}

/** Unlike `npx`, `npm exec` parses options after the name itself, up to `--`. */
function afterNpmOptions(words: string[]): string[] | undefined {
  const dashes = words.indexOf('--');
  const before = dashes === -1 ? words : words.slice(0, dashes);
  if (before.some((word) => word.startsWith('-'))) return undefined;
  return dashes === -1 ? words : [...before, ...words.slice(dashes + 1)];
}
