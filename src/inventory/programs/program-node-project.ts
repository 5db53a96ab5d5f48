import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import {
  type CommandLine,
  FLAG,
  type LauncherOptions,
  type NamedProgram,
  readLauncherOptions,
  VALUE,
} from './program-words';

/** Folders inside a project that contain its programs. */
const INNER_FOLDERS = ['dist', 'build', 'lib', 'src', 'bin'];
const SCRIPT = /\.[cm]?[jt]s$/;

const NODE_OPTIONS: LauncherOptions = {
  require: { ...VALUE, short: 'r' },
  import: VALUE,
  loader: VALUE,
  'env-file': VALUE,
  'max-old-space-size': VALUE,
  'no-warnings': FLAG,
  'enable-source-maps': FLAG,
  'experimental-strip-types': FLAG,
};
const NPM_OPTIONS: LauncherOptions = { silent: { ...FLAG, short: 's' }, prefix: VALUE };

const manifestSchema = z.looseObject({ dependencies: z.record(z.string(), z.unknown()) });

/**
 * Returns the project of a `node <script>`, `npm start` or `npm run`. It must be the script's own folder or an
 * explicitly given one: a package.json further up may belong to a larger project that only contains the script.
 */
export function nodeProjectOf(line: CommandLine): NamedProgram | undefined {
  const dir = line.command === 'npm' ? folderOfNpm(line) : folderOfScript(line);
  if (dir === undefined || !isProject(dir)) return undefined;
  return { source: { method: 'node-project', dir, command: line.command }, args: line.args };
}

function folderOfNpm({ args, cwd, cwdGiven }: CommandLine): string | undefined {
  const launched = readLauncherOptions(args, NPM_OPTIONS);
  const [verb = ''] = launched?.rest ?? [];
  if (launched === undefined || !['start', 'run', 'run-script'].includes(verb)) return undefined;
  const [prefix] = launched.valuesOf('prefix');
  if (cwd === undefined) return undefined;
  if (prefix !== undefined) return path.resolve(cwd, prefix);
  return cwdGiven ? cwd : undefined;
}

function folderOfScript({ command, args, cwd, cwdGiven }: CommandLine): string | undefined {
  if (command !== 'node' || cwd === undefined) return undefined;
  const [script] = readLauncherOptions(args, NODE_OPTIONS)?.rest ?? [];
  if (script === undefined || !SCRIPT.test(script)) return undefined;
  const own = path.dirname(path.resolve(cwd, script));
  const candidates = [
    own,
    ...(INNER_FOLDERS.includes(path.basename(own)) ? [path.dirname(own)] : []),
    ...(cwdGiven && own.startsWith(path.join(cwd, path.sep)) ? [cwd] : []),
  ];
  return candidates.find(isProject);
}

function isProject(dir: string): boolean {
  const manifest = path.join(dir, 'package.json');
  if (dir.split(path.sep).includes('node_modules') || !existsSync(manifest)) return false;
  return hasDependencies(readFileSync(manifest, 'utf8'));
}

function hasDependencies(manifest: string): boolean {
  try {
    const { success, data } = manifestSchema.safeParse(JSON.parse(manifest));
    return success && Object.keys(data.dependencies).length > 0;
  } catch {
    return false; // node itself reports the error
  }
}
