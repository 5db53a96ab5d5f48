import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { resolveCommand } from '../process/command';

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
const OLDEST_UV: readonly [number, number] = [0, 8];
/** A version manager in between may take a second. */
const PROBE_TIMEOUT_MS = 10_000;

const PROBE = `
import importlib.util, json, sys
bundled = None
try:
    import ensurepip, venv
    bundled = ensurepip.version()
except Exception:
    pass
print(json.dumps({
    "version": list(sys.version_info[:3]), "executable": sys.executable,
    "bundledPip": bundled, "hasPip": importlib.util.find_spec("pip") is not None,
}))`;

const probeSchema = z.object({
  version: z.tuple([z.number(), z.number(), z.number()]),
  executable: z.string(),
  /** Of `python -m venv`; null where the operating system has split that off. */
  bundledPip: z.string().nullable(),
  hasPip: z.boolean(),
});

type Environment = Readonly<Record<string, string | undefined>>;

export interface Python {
  /** The file itself, behind the shims of version managers. */
  executable: string;
  version: string;
  /** The version of pip that new environments get; undefined when they cannot be made. */
  bundledPip?: string;
  hasPip: boolean;
}

/** The Python on PATH that new environments are made with. */
export async function findPython(env: Environment): Promise<Python | undefined> {
  let usable: Python | undefined;
  for (const name of PYTHON_NAMES) {
    const found = await probePython(name, env);
    const minor = found === undefined ? 0 : Number(found.version.split('.')[1]);
    if (found === undefined || minor < OLDEST_MINOR) continue;
    if (minor >= PREFERRED_MINOR && found.bundledPip !== undefined) return found;
    usable ??= found;
  }
  return usable;
}

/** uv on PATH, or the one that Mainspring has installed for itself. */
export async function findUv(env: Environment, home: string): Promise<string | undefined> {
  const candidates = [onPath('uv', env), ownUv(home)];
  for (const file of candidates) {
    if (file !== undefined && (await isRecentUv(file))) return file;
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
  const output = file && (await outputOf(file, ['-I', '-c', PROBE]));
  if (!output) return undefined;
  const { version, executable, bundledPip, hasPip } = probeSchema.parse(JSON.parse(output));
  if (version[0] !== 3) return undefined;
  const found = { executable, version: version.join('.'), hasPip };
  return bundledPip === null ? found : { ...found, bundledPip };
}

async function isRecentUv(file: string): Promise<boolean> {
  const output = await outputOf(file, ['--version']);
  const [, major, minor] = /^uv (\d+)\.(\d+)/.exec(output ?? '') ?? [];
  if (major === undefined) return false;
  const [oldestMajor, oldestMinor] = OLDEST_UV;
  return Number(major) > oldestMajor || Number(minor) >= oldestMinor;
}

/** What a program prints; undefined when it fails, as the shim of a Python that is not chosen does. */
export async function outputOf(file: string, args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(file, args, { timeout: PROBE_TIMEOUT_MS });
    return stdout;
  } catch {
    return undefined; // the answer
  }
}
