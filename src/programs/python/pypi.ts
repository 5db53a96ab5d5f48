import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { nearMatches } from '../../base/nearest-names';
import { type PypiSource, type RunCommand } from '../../domain/programs/programs';
import { hasCode } from '../../base/durable-file';
import { type Installer, type InstallTarget } from '../installer';
import { pythonBackend } from './python-backend';
import { environmentFiles, PYTHON_ENV } from './python-environment';
import { formatLock, type LockedPackage, normalName, parseLock } from './python-lock';
import { metadataFolder } from './python-metadata';

/** Installs packages from a Python index. */
export const pypiInstaller: Installer<PypiSource> = {
  async install(target, folder, io) {
    const { source, pin, lockText, allowScripts } = target;
    const name = normalName(source.package);
    const backend = await pythonBackend(folder, io);
    await backend.createEnvironment();
    if (lockText === undefined) io.onStep(`resolving ${source.package}`);
    const packages =
      lockText === undefined
        ? await backend.resolve({ lines: requirementsOf(target), mayBuild: allowScripts })
        : parseLock(lockText);
    const main = packages.find((one) => one.name === name);
    if (main === undefined) throw notLocked(source.package);
    io.onStep(`installing ${source.package} ${main.version}`);
    await backend.install(withDeclared(packages, main, source.integrity), allowScripts);
    const integrity = pin?.integrity ?? (await backend.fileDigest(main));
    return {
      pin: { name: source.package, version: main.version, integrity },
      lockText: lockText ?? formatLock(packages),
      run: await runOf(source, folder),
      blockedScripts: [],
    };
  },

  async latest({ package: name }, io) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mainspring-pypi-'));
    try {
      const backend = await pythonBackend(folder, io);
      await backend.createEnvironment();
      const [newest] = await backend.resolve({ lines: [name], mayBuild: [], alone: true });
      if (newest === undefined) throw notLocked(name);
      return newest.version;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function requirementsOf({ source, pin }: InstallTarget<PypiSource>): string[] {
  const extras = source.extras.length > 0 ? `[${source.extras.join(',')}]` : '';
  const specifier = pin === undefined ? source.wanted : `==${pin.version}`;
  return [`${source.package}${extras}${specifier}`, ...(source.with ?? [])];
}

/** Restricts the package to the hash declared in the config. */
function withDeclared(
  packages: LockedPackage[],
  own: LockedPackage,
  declared: string | undefined,
): LockedPackage[] {
  if (declared === undefined) return packages;
  if (!own.hashes.includes(declared)) {
    throw new MainspringError(
      'INTEGRITY_MISMATCH',
      `${own.name} ${own.version} has the integrity ${own.hashes.join(' or ')}, not ${declared}.`,
    );
  }
  return packages.map((one) => (one === own ? { ...own, hashes: [declared] } : one));
}

function notLocked(name: string): MainspringError {
  return new MainspringError('INSTALL_FAILED', `No package found for "${name}".`);
}

async function runOf({ package: name, run }: PypiSource, folder: string): Promise<RunCommand> {
  const { venv, python } = environmentFiles(folder);
  if ('module' in run) return { command: python, args: ['-m', run.module], env: PYTHON_ENV };
  const file = path.join(venv, 'bin', run.script);
  if (path.dirname(file) === path.join(venv, 'bin') && existsSync(file)) {
    return { command: file, args: [], env: PYTHON_ENV };
  }
  const scripts = await consoleScripts(venv, normalName(name));
  const script = soleScript(name, run.script, scripts);
  return { command: path.join(venv, 'bin', script), args: [], env: PYTHON_ENV };
}

/** Returns the only command of the package, when the wanted one does not exist. */
export function soleScript(name: string, script: string, scripts: string[]): string {
  const [only] = scripts;
  if (only !== undefined && scripts.length === 1) return only;
  const near = nearMatches(script, scripts);
  const named = near.length > 0 ? near : scripts;
  throw new MainspringError(
    'INSTALL_FAILED',
    `"${name}" has no command "${script}"; ${named.length > 0 ? `it has ${named.join(', ')}` : 'it has none'}.`,
    {
      fix:
        named[0] === undefined
          ? 'Run one of its modules: python -m <module>.'
          : `Specify the command: uvx --from ${name} ${named[0]}.`,
    },
  );
}

async function consoleScripts(venv: string, name: string): Promise<string[]> {
  const file = path.join(await metadataFolder(venv, name), 'entry_points.txt');
  try {
    return parseConsoleScripts(await readFile(file, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []; // a package without commands
    throw error;
  }
}

/** Returns the names of the commands in an `entry_points.txt`. */
export function parseConsoleScripts(text: string): string[] {
  const [, section = ''] = /^\[console_scripts\]\s*$([^[]*)/m.exec(text) ?? [];
  return [...section.matchAll(/^\s*([^\s=#;][^=]*?)\s*=/gm)].flatMap(([, script]) => script ?? []);
}
