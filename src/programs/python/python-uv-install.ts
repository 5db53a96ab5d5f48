import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { hasCode } from '../../base/durable-file';
import { type InstallerIo } from '../installer';
import { PIP_ENV, PIP_RULES } from './python-rules';
import { findPython, findUv, ownUv, type Python, uvFolder } from './python-tools';

/** Installed from PyPI, as all Python packages are: it needs no root, and no other site has to be reachable. */
const REQUIREMENT = 'uv>=0.8';

/**
 * Installs uv into the tools folder of a data directory, unless it is already installed; returns its file.
 *
 * @throws MainspringError PREREQUISITE_MISSING when there is no Python with pip; REGISTRY_UNREACHABLE
 */
export async function installUv(
  home: string,
  io: Pick<InstallerIo, 'env' | 'run' | 'onStep'>,
): Promise<string> {
  const existing = await findUv(io.env, home);
  if (existing !== undefined) return existing;
  const python = await findPython(io.env);
  if (python === undefined || (python.pip ?? python.bundledPip) === undefined) {
    throw new MainspringError('PREREQUISITE_MISSING', 'Installing uv requires Python with pip.');
  }
  io.onStep('installing uv');
  const buildFolder = `${uvFolder(home)}.${randomUUID()}`;
  await mkdir(buildFolder, { recursive: true, mode: 0o700 });
  try {
    const pip = await pipOf(python, buildFolder, io);
    const target = path.join(buildFolder, 'uv');
    await io.run({
      command: pip,
      args: [
        ...['-m', 'pip', 'install', '--no-deps', '--only-binary', ':all:', '--target', target],
        REQUIREMENT,
      ],
      cwd: buildFolder,
      env: PIP_ENV,
      rules: PIP_RULES,
    });
    await access(path.join(target, 'bin', 'uv'));
    await replaceFolder(target, home);
  } finally {
    await rm(buildFolder, { recursive: true, force: true });
  }
  return ownUv(home);
}

/** Returns a Python that has pip: the given one, or that of a temporary environment. */
async function pipOf(
  python: Python,
  folder: string,
  { run }: Pick<InstallerIo, 'run'>,
): Promise<string> {
  if (python.pip !== undefined) return python.executable;
  const venv = path.join(folder, 'venv');
  await run({ command: python.executable, args: ['-m', 'venv', venv], cwd: folder });
  return path.join(venv, 'bin', 'python');
}

/** Replaces an existing folder, which is unusable, unless another process has just installed uv there. */
async function replaceFolder(from: string, home: string): Promise<void> {
  const folder = uvFolder(home);
  try {
    await rename(from, folder);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    if ((await findUv({}, home)) !== undefined) return;
    await rename(folder, `${from}.old`);
    await rename(from, folder);
  }
}
