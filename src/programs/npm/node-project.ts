import { existsSync } from 'node:fs';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { type NodeProjectSource } from '../../domain/programs/programs';
import { type Installer, type InstallerIo } from '../installer';
import { hasDependencies, type NodeProject, readNodeProject, textOf } from './node-manifest';
import { buildProject, lifecycleScripts, runLifecycle } from './node-project-scripts';
import { npm } from './npm-command';
import { lockIsSatisfied, parseNpmLock } from './npm-lock';
import { runAllowedScripts } from './npm-scripts';

/** npm's own record of the contents of `node_modules`, written last. */
const INSTALLED_LOCK = path.join('node_modules', '.package-lock.json');

/** Lock files of other tools, which lay out `node_modules` differently. */
const OTHER_LOCKS: Record<string, string> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
};

/** Installs the missing dependencies of a project folder of the user, in place. */
export const nodeProjectInstaller: Installer<NodeProjectSource> = {
  async install({ source, allowScripts }, _folder, io) {
    const { dir, command } = source;
    const project = await readNodeProject(dir);
    const mayRun = allowScripts.includes(project.name);
    const isInstalled = await isSatisfied(project, io);
    if (!isInstalled) await installDependencies(project, io);
    const blocked = await runScriptsOf(project, allowScripts, io);
    if (mayRun) await runLifecycle(project, io);
    await buildProject(project, mayRun, io);
    return {
      pin: {
        name: dir,
        version: project.manifest.version ?? '0.0.0',
        integrity: project.integrity,
      },
      run: { command, args: [], env: {} },
      blockedScripts: isInstalled ? [] : blocked, // otherwise the user installed them and decided about their scripts
    };
  },

  async latest({ dir }) {
    return (await readNodeProject(dir)).manifest.version ?? '0.0.0';
  },

  async isCurrent({ dir }, { integrity }) {
    const project = await readNodeProject(dir);
    if (project.integrity !== integrity) return false;
    return !hasDependencies(project) || hasNodeModules(dir);
  },
};

async function isSatisfied(project: NodeProject, io: InstallerIo): Promise<boolean> {
  const { dir, lockText } = project;
  if (!hasDependencies(project)) return true;
  if (otherTool(project)) return hasNodeModules(dir);
  const installed = await textOf(path.join(dir, INSTALLED_LOCK));
  if (lockText !== undefined && installed !== undefined) {
    return lockIsSatisfied(parseNpmLock(lockText), parseNpmLock(installed));
  }
  if (!hasNodeModules(dir)) return false;
  return npm(io, ['ls', '--depth=0'], { project: dir, quiet: true }).then(
    () => true,
    () => false, // its output names what is missing or has the wrong version
  );
}

/** Installs without writing a lock, because the folder belongs to the user. */
async function installDependencies(project: NodeProject, io: InstallerIo): Promise<void> {
  const { dir, lockText } = project;
  const tool = otherTool(project);
  if (tool !== undefined) {
    throw new MainspringError('INSTALL_FAILED', `The dependencies of ${dir} are not installed.`, {
      fix: `Install them with ${tool}: cd ${dir} && ${tool} install`,
    });
  }
  io.onStep(`installing the dependencies of ${dir}`);
  const args = lockText === undefined ? ['install', '--no-package-lock'] : ['ci'];
  await npm(io, args, { project: dir });
}

/**
 * Runs the allowed install scripts of the dependencies; returns the names of packages without consent, including the
 * project itself.
 */
async function runScriptsOf(
  project: NodeProject,
  allowScripts: readonly string[],
  io: InstallerIo,
): Promise<string[]> {
  const { dir, name } = project;
  const installed = await textOf(path.join(dir, INSTALLED_LOCK));
  if (installed === undefined) return []; // it has no dependencies, or they are in the root of its workspace
  const lock = parseNpmLock(installed);
  const blocked = await runAllowedScripts(lock, { project: dir }, allowScripts, io);
  const isOwnBlocked = lifecycleScripts(project).length > 0 && !allowScripts.includes(name);
  return isOwnBlocked ? [...blocked, name] : blocked;
}

function otherTool({ dir, lockText }: NodeProject): string | undefined {
  if (lockText !== undefined) return undefined;
  return Object.entries(OTHER_LOCKS).find(([file]) => existsSync(path.join(dir, file)))?.[1];
}

function hasNodeModules(dir: string): boolean {
  return existsSync(path.join(dir, 'node_modules'));
}
