import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { parseForeignJson } from '../../base/foreign-json';
import { resolveCommand } from '../../process/command';

/** Older ones are out of support, and pip for them cannot report what it has chosen. */
export const OLDEST_PYTHON = '3.8';
/** The `mcp` package wants it, and with it most servers. */
const PREFERRED_MINOR = 10;
const OLDEST_MINOR = 8;
/** In the order they are looked for; what people call "python3" is what they expect. */
const PYTHON_NAMES = [
  ...['python3', 'python', 'python3.13', 'python3.12', 'python3.14', 'python3.11'],
  ...['python3.10', 'python3.9', 'python3.8'],
];
/** It locks as PEP 751 says, and tells `uv pip` from projects by itself. */
const OLDEST_UV: MajorMinor = [0, 8];
/** Since then there is `pip --python`. */
const PIP_FOR_OTHERS: MajorMinor = [22, 3];
/** A version manager in between may take a second. */
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
  /** The file itself, behind the shims of version managers. */
  executable: string;
  version: string;
  hasVenv: boolean;
  /** The version of pip that new environments get; some operating systems have split that off. */
  bundledPip?: string | undefined;
  /** The version of its own pip. */
  pip?: string | undefined;
}

/** The Python on PATH that new environments are made with. */
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

/** Whether its pip fills environments that have none. */
export function managesOthers({ pip }: Python): boolean {
  return pip !== undefined && isAtLeast(pip, PIP_FOR_OTHERS);
}

/** Whether a version such as `22.3.1` is not older than these numbers. */
export function isAtLeast(version: string, [wantedMajor, wantedMinor]: MajorMinor): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** uv on PATH, or the one that Mainspring has installed for itself. */
export async function findUv(env: Environment, home: string): Promise<string | undefined> {
  const candidates = [onPath('uv', env), ownUv(home)];
  for (const file of candidates) {
    if (file !== undefined && (await isRecentUv(file, env))) return file;
  }
  return undefined;
}

/** Where `installUv` puts it. */
export function ownUv(home: string): string {
  return path.join(uvFolder(home), 'bin', 'uv');
}

export function uvFolder(home: string): string {
  return path.join(home, 'tools', 'uv');
}

/** The file that a name on PATH means. */
export function onPath(name: string, env: Environment): string | undefined {
  try {
    return resolveCommand(name, '/', { PATH: env.PATH ?? '' });
  } catch {
    return undefined; // the answer
  }
}

async function probePython(name: string, env: Environment): Promise<Python | undefined> {
  const file = onPath(name, env);
  const output = file && (await outputOf(file, ['-I', '-c', PROBE], env));
  const answer = output ? probed(output) : undefined;
  if (!answer) return undefined;
  const { version, ...found } = answer;
  return version[0] === 3 ? { ...found, version: version.join('.') } : undefined;
}

/** Undefined for another program of that name. */
function probed(output: string): z.infer<typeof probeSchema> | undefined {
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

/** What a program prints; undefined when it fails, as the shim of a Python that is not chosen does. */
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
    return undefined; // the answer
  }
}
