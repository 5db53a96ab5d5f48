import path from 'node:path';
import { type Program, type ProgramSource } from '../../domain/programs/programs';
import { type ServerEntry } from '../config/config-schema';
import { bundleOf } from './program-bundle';
import { imageOf } from './program-image';
import { nodeProjectOf } from './program-node-project';
import { npmProgramOf } from './program-npm';
import { pypiProgramOf } from './program-pypi';
import { pythonProjectOf, uvDirectoryOf } from './program-python-project';
import { type CommandLine, hasReference, type NamedProgram } from './program-words';
import { withAbsoluteFiles } from '../references/references';

/** Variables that select a registry or environment, which an installation would not use. */
const OWN_ENVIRONMENT = /^(?:npm_config_|pip_|uv_|pipx_|pythonpath$|pythonhome$|virtual_env$)/i;

/** In order of precedence: projects first, because `python -m x` in a project folder belongs to the project. */
const RECOGNISERS: ((line: CommandLine) => NamedProgram | undefined)[] = [
  npmProgramOf,
  nodeProjectOf,
  pythonProjectOf,
  pypiProgramOf,
  imageOf,
];

/** Returns the program of an entry, when Mainspring can install it; undefined when the command is left unchanged. */
export function programOf(entry: ServerEntry, baseDir: string): Program | undefined {
  if (entry.asIs) return undefined;
  if (entry.mcpb !== undefined) return bundleOf(entry, entry.mcpb, baseDir);
  if (Object.keys(entry.env ?? {}).some((name) => OWN_ENVIRONMENT.test(name))) return undefined;
  const line = commandLineOf(entry, baseDir);
  if (line === undefined) return undefined;
  for (const recognise of RECOGNISERS) {
    const named = recognise(line);
    if (named === undefined) continue;
    return {
      source: withIntegrity(named.source, entry.integrity),
      args: named.args.map((arg) => withAbsoluteFiles(arg, baseDir)),
      allowScripts: entry.allowScripts ?? [],
    };
  }
  return undefined;
}

/** Returns the working directory that the command line itself sets, as `uv --directory` does. */
export function startFolderOf(entry: ServerEntry, baseDir: string): string | undefined {
  const line = commandLineOf(entry, baseDir);
  return line && uvDirectoryOf(line);
}

/** Returns the command line of an entry, without the `cmd /c` that Windows needs around `npx`. */
function commandLineOf(entry: ServerEntry, baseDir: string): CommandLine | undefined {
  if (entry.command === undefined) return undefined;
  const written = [entry.command, ...(entry.args ?? [])];
  const isWrapped = /^cmd(?:\.exe)?$/i.test(entry.command) && /^\/c$/i.test(written[1] ?? '');
  const [command, ...args] = isWrapped ? written.slice(2) : written;
  if (command === undefined) return undefined;
  const { cwd } = entry;
  return {
    command: command.replace(/\.(?:cmd|exe)$/i, ''),
    args,
    cwd: cwd !== undefined && hasReference(cwd) ? undefined : path.resolve(baseDir, cwd ?? '.'),
    cwdGiven: cwd !== undefined,
  };
}

/** Adds the integrity; projects have none, because they consist of the files in their folder. */
function withIntegrity(source: ProgramSource, integrity: string | undefined): ProgramSource {
  if (integrity === undefined) return source;
  if (source.method === 'npm' || source.method === 'pypi') return { ...source, integrity };
  if (source.method === 'docker' && !source.image.includes('@')) {
    return { ...source, image: `${source.image}@${integrity}` };
  }
  return source;
}
