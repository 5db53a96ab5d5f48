import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { nearMatches } from '../../base/nearest-names';
import { type PythonProjectSource, type RunCommand } from '../../domain/programs/programs';
import { type Installer } from '../installer';
import { pythonBackend } from './python-backend';
import { environmentFiles, PYTHON_ENV } from './python-environment';
import { formatLock, parseLock } from './python-lock';
import { sitePackages } from './python-metadata';
import { type PythonProject, readPythonProject, sourceRoot } from './python-project-files';

const ENTRY_POINT = /^([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)$/;

/**
 * Installs the dependencies of a project folder of the user into an environment of ours, which loads the modules from
 * the folder itself.
 */
export const pythonProjectInstaller: Installer<PythonProjectSource> = {
  async install({ source, lockText, allowScripts }, folder, io) {
    const project = await readPythonProject(source.dir);
    const { venv } = environmentFiles(folder);
    const backend = await pythonBackend(folder, io);
    await backend.createEnvironment();
    const site = await sitePackages(venv);
    checkPythonVersion(project, site);
    if (lockText === undefined) io.onStep(`resolving the dependencies of ${project.name}`);
    const packages =
      lockText === undefined
        ? await backend.resolve({ ...(await linesOf(project, folder)), mayBuild: allowScripts })
        : parseLock(lockText);
    io.onStep(`installing the dependencies of ${project.name}`);
    await backend.install(packages, allowScripts);
    await writeFile(path.join(site, 'mainspring-project.pth'), `${sourceRoot(source.dir)}\n`);
    return {
      pin: { name: source.dir, version: project.version, integrity: project.integrity },
      lockText: lockText ?? formatLock(packages),
      run: await runOf(source, project, folder),
      blockedScripts: [],
    };
  },

  async latest({ dir }) {
    return (await readPythonProject(dir)).version;
  },

  async isCurrent({ dir }, { integrity }) {
    return (await readPythonProject(dir)).integrity === integrity;
  },
};

async function linesOf(
  { requirements, constraints }: PythonProject,
  folder: string,
): Promise<{ lines: string[] }> {
  if (constraints.length === 0 || requirements.length === 0) return { lines: requirements };
  const file = path.join(folder, 'constraints.txt');
  await writeFile(file, `${constraints.join('\n')}\n`);
  return { lines: [`-c ${path.basename(file)}`, ...requirements] };
}

async function runOf(
  { script }: PythonProjectSource,
  { name, scripts }: PythonProject,
  folder: string,
): Promise<RunCommand> {
  const { venv, python } = environmentFiles(folder);
  if (script === undefined) return { command: python, args: [], env: PYTHON_ENV };
  const entryPoint = Object.hasOwn(scripts, script) ? scripts[script] : undefined;
  if (entryPoint !== undefined) {
    const launcher = path.join(folder, 'launcher', 'launch');
    await mkdir(path.dirname(launcher));
    await writeFile(launcher, launcherText(script, entryPoint));
    return { command: python, args: [launcher], env: PYTHON_ENV };
  }
  const installed = path.join(venv, 'bin', script);
  if (!script.includes('/') && existsSync(installed)) {
    return { command: installed, args: [], env: PYTHON_ENV };
  }
  const names = Object.keys(scripts);
  const near = nearMatches(script, names);
  const commands = (near.length > 0 ? near : names).join(', ');
  throw new MainspringError(
    'INSTALL_FAILED',
    `"${name}" has no command "${script}"; ${commands ? `it has ${commands}` : 'it has none'}.`,
    { fix: 'Correct the command, or the [project.scripts] of its pyproject.toml.' },
  );
}

/**
 * Text of the launcher that pip would write. It is alone in its folder, because Python searches that folder for modules
 * first.
 */
export function launcherText(script: string, entryPoint: string): string {
  const [, module, attribute] = ENTRY_POINT.exec(entryPoint.replace(/\s*\[.*\]$/, '').trim()) ?? [];
  if (module === undefined || attribute === undefined) {
    throw new MainspringError(
      'INVALID_CONFIG',
      `[project.scripts]: expected module:function for "${script}", got "${entryPoint}"`,
    );
  }
  const [first = ''] = attribute.split('.');
  const lines = [
    'import sys',
    `from ${module} import ${first}`,
    `sys.argv[0] = ${JSON.stringify(script)}`,
  ];
  return `${[...lines, `sys.exit(${attribute}())`].join('\n')}\n`;
}

/** Checks the version that the project itself requires; packages are chosen for the installed Python anyway. */
function checkPythonVersion({ name, requiresPython = '' }: PythonProject, site: string): void {
  const [, requiredMinor] = />=\s*3\.(\d+)/.exec(requiresPython) ?? [];
  const [, minor] = /python3\.(\d+)/.exec(site) ?? [];
  if (requiredMinor === undefined || minor === undefined || Number(minor) >= Number(requiredMinor))
    return;
  throw new MainspringError(
    'PREREQUISITE_MISSING',
    `"${name}" requires Python ${requiresPython}, but this machine has 3.${minor}.`,
    { fix: `Install Python 3.${requiredMinor} and put it first on PATH.` },
  );
}
