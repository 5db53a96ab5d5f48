import { execFile } from 'node:child_process';
import { access, cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { loadSettings } from '../src/config';
import { packageRoot } from '../src/base/package-root';
import { sha256 } from '../src/base/sha256';

/** Lowest version of Node for `conformance` and `inspector`. */
const MIN_NODE = [22, 19] as const;
const INSTALL_LIMIT_MS = 300_000;

const run = promisify(execFile);

/** Folders of test/tools with a package.json and its lock. */
export type NpmTools = 'node' | 'conformance' | 'inspector' | 'peers';
/** Folders of test/tools with a requirements.txt. */
export type PythonTools = 'python-client' | 'python-fastmcp' | 'python-mcpo' | 'python-mcp-proxy';

/**
 * Returns the `node_modules` of programs that only tests and benchmarks need: installed by their lock, once per
 * machine, in the cache.
 */
export async function npmTools(name: NpmTools): Promise<string> {
  const source = path.join(packageRoot(), 'test', 'tools', name);
  const lock = await readFile(path.join(source, 'package-lock.json'));
  const platform = `${process.platform}-${process.arch}`;
  const folder = await installed(`${name}-${digestOf(lock)}-${platform}`, async (draft) => {
    await cp(source, draft, { recursive: true });
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['ci', ...flags], { cwd: draft, timeout: INSTALL_LIMIT_MS });
  });
  return path.join(folder, 'node_modules');
}

/** Returns the interpreter of a virtual environment with the packages of requirements.txt. */
export async function pythonTools(name: PythonTools): Promise<string> {
  const wanted = path.join(packageRoot(), 'test', 'tools', name, 'requirements.txt');
  const { stdout } = await run('python3', ['--version']);
  const digest = digestOf(await readFile(wanted));
  const version = stdout.trim().replace(' ', '-').toLowerCase();
  const venv = await installed(`${name}-${digest}-${version}`, async (draft) => {
    await run('python3', ['-m', 'venv', draft]);
    const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
    const pip = ['-m', 'pip', 'install', ...options, '-r', wanted];
    await run(path.join(draft, 'bin', 'python'), pip, { timeout: INSTALL_LIMIT_MS });
  });
  return path.join(venv, 'bin', 'python');
}

/** Returns a Node that the conformance suite and the Inspector run on: this one, or one from npm. */
export async function newerNode(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [minMajor, minMinor] = MIN_NODE;
  if (major > minMajor || (major === minMajor && minor >= minMinor)) {
    return process.execPath;
  }
  const modules = await npmTools('node');
  const node = path.join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (!(await exists(node))) {
    throw new Error(`This needs Node ${MIN_NODE.join('.')} or newer; this is ${process.version}`);
  }
  return node;
}

/** Installs beside the final folder and moves it there, so that an interrupted or concurrent run leaves no half of it. */
async function installed(name: string, install: (draft: string) => Promise<void>): Promise<string> {
  const folder = path.join(loadSettings(process.env).cacheDir, 'tools', name);
  if (await exists(folder)) return folder;
  const draft = `${folder}.${process.pid}.new`;
  try {
    await mkdir(draft, { recursive: true });
    await install(draft);
    await rename(draft, folder);
  } catch (error) {
    if (!(await exists(folder))) throw error; // another run was quicker
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

function digestOf(content: Buffer): string {
  return sha256(content).slice(0, 12);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
