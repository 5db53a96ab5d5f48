import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { loadSettings } from '../../src/config';
import { type ServerEntry } from '../../src/inventory/config/config-schema';

const VERSION = '2026.10.19';
const run = promisify(execFile);

/** `mcp-server-time` from PyPI, installed once per machine into a virtual environment in the cache folder. */
export async function timeServer(): Promise<ServerEntry> {
  const { stdout } = await run('python3', [
    '-c',
    'import sys; print(*sys.version_info[:2], sep=".")',
  ]);
  const { cacheDir } = loadSettings(process.env);
  const venv = path.join(cacheDir, `mcp-server-time-${VERSION}-python-${stdout.trim()}`);
  if (!(await exists(venv))) await install(venv);
  // As a module: the scripts of a virtual environment hold the path that it was made at.
  return { command: path.join(venv, 'bin/python'), args: ['-m', 'mcp_server_time'] };
}

/** Made beside its place and moved there, so that an interrupted or concurrent run leaves no half of it. */
async function install(venv: string): Promise<void> {
  const draft = `${venv}.${process.pid}.new`;
  try {
    await mkdir(path.dirname(venv), { recursive: true });
    await run('python3', ['-m', 'venv', draft]);
    const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
    const pip = ['-m', 'pip', 'install', ...options, `mcp-server-time==${VERSION}`];
    await run(path.join(draft, 'bin/python'), pip);
    await rename(draft, venv);
  } catch (error) {
    if (!(await exists(venv))) throw error; // another run was quicker
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
