import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { parseForeignJson } from '../../base/foreign-json';
import { resolveCommand } from '../../process/command';

/** Older versions are out of support, and their pip cannot report the packages it has chosen. */
export const OLDEST_PYTHON = '3.8';
/** The `mcp` package requires it, and so do most servers. */
const PREFERRED_MINOR = 10;
const OLDEST_MINOR = 8;
/** Names in search order; "python3" first, because users expect that one. */
const PYTHON_NAMES = [
  ...['python3', 'python', 'python3.13', 'python3.12', 'python3.14', 'python3.11'],
  ...['python3.10', 'python3.9', 'python3.8'],
];
/** First version that locks according to PEP 751 and separates `uv pip` from projects. */
const OLDEST_UV: MajorMinor = [0, 8];
/** First version of pip with `--python`. */
const PIP_FOR_OTHERS: MajorMinor = [22, 3];
/** Timeout of a probe; a version manager in between may take a second. */
const PROBE_TIMEOUT_MS = 10_000;

const PROBE = `
import json, sys
found = {"version": list(sys.version_info[:3]), "executable": sys.executable}
try:
    import venv
    found["hasVenv"] = True
    import ensurepip
    found["bundledPip"] = ensurepip.version()
except Exception:
    pass
try:
    from importlib.metadata import version
    found["pip"] = version("pip")
except Exception:
    pass
print(json.dumps(found))`;

const probeSchema = z.object({
  version: z.tuple([z.number(), z.number(), z.number()]),
  executable: z.string(),
  hasVenv: z.boolean().default(false),
  bundledPip: z.string().optional(),
  pip: z.string().optional(),
});

export type MajorMinor = readonly [number, number];
type Environment = Readonly<Record<string, string | undefined>>;

export interface Python {
  /** Real path of the executable, behind the shims of version managers. */
  executable: string;
  version: string;
  hasVenv: boolean;
  /** Version of pip that new environments get; absent where the operating system packages it separately. */
  bundledPip?: string | undefined;
  /** Version of its own pip. */
  pip?: string | undefined;
}

/** Returns the Python on PATH for new environments. */
export async function findPython(env: Environment): Promise<Python | undefined> {
  let usable: Python | undefined;
  for (const name of PYTHON_NAMES) {
    const found = await probePython(name, env);
    const minor = found === undefined ? 0 : Number(found.version.split('.')[1]);
    if (found === undefined || minor < OLDEST_MINOR) continue;
    if (minor >= PREFERRED_MINOR && makesEnvironments(found)) return found;
    usable ??= found;
  }
  return usable;
}

/** Whether packages can be installed with it when there is no uv. */
export function makesEnvironments(python: Python): boolean {
  return python.hasVenv && (managesOthers(python) || python.bundledPip !== undefined);
}

/** Whether its pip can fill environments without pip. */
export function managesOthers({ pip }: Python): boolean {
  return pip !== undefined && isAtLeast(pip, PIP_FOR_OTHERS);
}

/** Whether a version such as `22.3.1` is at least this one. */
export function isAtLeast(version: string, [wantedMajor, wantedMinor]: MajorMinor): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** Returns uv from PATH, or the one that Mainspring has installed for itself. */
export async function findUv(env: Environment, home: string): Promise<string | undefined> {
  const candidates = [onPath('uv', env), ownUv(home)];
  for (const file of candidates) {
    if (file !== undefined && (await isRecentUv(file, env))) return file;
  }
  return undefined;
}

/** Path where `installUv` installs uv. */
export function ownUv(home: string): string {
  return path.join(uvFolder(home), 'bin', 'uv');
}

export function uvFolder(home: string): string {
  return path.join(home, 'tools', 'uv');
}

/** Returns the file that a command name on PATH resolves to. */
export function onPath(name: string, env: Environment): string | undefined {
  try {
    return resolveCommand(name, '/', { PATH: env.PATH ?? '' });
  } catch {
    return undefined; // not on PATH
  }
}

async function probePython(name: string, env: Environment): Promise<Python | undefined> {
  const file = onPath(name, env);
  const output = file && (await outputOf(file, ['-I', '-c', PROBE], env));
  const answer = output ? parseProbe(output) : undefined;
  if (!answer) return undefined;
  const { version, ...found } = answer;
  return version[0] === 3 ? { ...found, version: version.join('.') } : undefined;
}

/** Undefined when another program has that name. */
function parseProbe(output: string): z.infer<typeof probeSchema> | undefined {
  try {
    return probeSchema.parse(parseForeignJson(output));
  } catch {
    return undefined;
  }
}

async function isRecentUv(file: string, env: Environment): Promise<boolean> {
  const output = await outputOf(file, ['--version'], env);
  const [, version] = /^uv (\S+)/.exec(output ?? '') ?? [];
  return version !== undefined && isAtLeast(version, OLDEST_UV);
}

/** Returns the output of a program; undefined when it fails, as the shim of an unselected Python does. */
export async function outputOf(
  file: string,
  args: string[],
  env: Environment,
): Promise<string | undefined> {
  try {
    const options = { env: { ...env }, timeout: PROBE_TIMEOUT_MS };
    const { stdout } = await promisify(execFile)(file, args, options);
    return stdout;
  } catch {
    return undefined; // the program failed
  }
}
