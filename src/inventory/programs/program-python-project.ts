import { existsSync } from 'node:fs';
import path from 'node:path';
import { readPythonCommand } from './program-python';
import {
  type CommandLine,
  FLAG,
  hasReference,
  type LauncherOptions,
  type NamedProgram,
  readLauncherOptions,
  VALUE,
} from './program-words';

/** Files that declare the packages of a project. */
const MANIFESTS = ['pyproject.toml', 'requirements.txt', 'uv.lock'];

const UV_OPTIONS: LauncherOptions = {
  quiet: { ...FLAG, short: 'q' },
  'no-progress': FLAG,
  'no-dev': FLAG,
  frozen: FLAG,
  locked: FLAG,
  directory: VALUE,
  project: VALUE,
};

/** Returns the project of a `python <script>` or `uv run`. */
export function pythonProjectOf(line: CommandLine): NamedProgram | undefined {
  return line.command === 'uv' ? uvRunOf(line) : pythonOf(line);
}

/** Returns the working directory that `uv --directory` sets; undefined without that option. */
export function uvDirectoryOf({ command, args, cwd }: CommandLine): string | undefined {
  const run = command === 'uv' && cwd !== undefined ? readUvRun(args) : undefined;
  return run?.directory === undefined ? undefined : path.resolve(cwd ?? '', run.directory);
}

function pythonOf(line: CommandLine): NamedProgram | undefined {
  const { script } = readPythonCommand(line) ?? {};
  const { cwd, cwdGiven, args } = line;
  const isModule = readPythonCommand(line)?.module !== undefined;
  if (cwd === undefined || (script === undefined && !isModule)) return undefined;
  const dir = [
    ...(script === undefined ? [] : foldersAround(path.dirname(path.resolve(cwd, script)))),
    ...(cwdGiven ? [cwd] : []),
  ].find(isProject);
  return dir === undefined ? undefined : { source: { method: 'python-project', dir }, args };
}

function uvRunOf({ args, cwd, cwdGiven }: CommandLine): NamedProgram | undefined {
  const run = readUvRun(args);
  if (run === undefined || cwd === undefined) return undefined;
  const start = path.resolve(cwd, run.directory ?? '.');
  const [first = '', ...rest] = run.words;
  const isScript = first.endsWith('.py');
  const script = path.resolve(start, first);
  const dir = [
    ...(run.project === undefined ? [] : [path.resolve(start, run.project)]),
    ...(run.directory !== undefined || cwdGiven ? [start] : []),
    ...(isScript ? foldersAround(path.dirname(script)) : []),
  ].find((folder) => existsSync(path.join(folder, 'pyproject.toml')));
  if (dir === undefined) return undefined;
  const source = { method: 'python-project', dir } as const;
  if (isScript) return { source, args: [script, ...rest] };
  if (first === 'python' || first === 'python3') return { source, args: rest };
  if (first === '-m') return { source, args: run.words };
  return { source: { ...source, script: first }, args: rest };
}

interface UvRun {
  directory?: string;
  project?: string;
  /** The command and its arguments. */
  words: string[];
}

/** Parses options before and after `run`. Other options change the installation, so that uv itself is needed. */
function readUvRun(args: string[]): UvRun | undefined {
  const before = readLauncherOptions(args, UV_OPTIONS);
  const [verb, ...afterVerb] = before?.rest ?? [];
  if (before === undefined || verb !== 'run') return undefined;
  const dashM = afterVerb.indexOf('-m');
  const isModule = dashM !== -1 && afterVerb.slice(0, dashM).every((word) => word.startsWith('-'));
  const after = readLauncherOptions(isModule ? afterVerb.slice(0, dashM) : afterVerb, UV_OPTIONS);
  const words = isModule ? afterVerb.slice(dashM) : (after?.rest ?? []);
  const [first] = words;
  if (after === undefined || first === undefined || hasReference(first)) return undefined;
  const last = (option: string) => [...before.valuesOf(option), ...after.valuesOf(option)].at(-1);
  const [directory, project] = [last('directory'), last('project')];
  if ([directory, project].some((folder) => folder !== undefined && hasReference(folder))) {
    return undefined;
  }
  return {
    ...(directory !== undefined && { directory }),
    ...(project !== undefined && { project }),
    words,
  };
}

/** Returns the folder, and its parent when it is `src`. */
function foldersAround(folder: string): string[] {
  return path.basename(folder) === 'src' ? [folder, path.dirname(folder)] : [folder];
}

function isProject(dir: string): boolean {
  if (dir.split(path.sep).includes('site-packages')) return false;
  return MANIFESTS.some((manifest) => existsSync(path.join(dir, manifest)));
}
