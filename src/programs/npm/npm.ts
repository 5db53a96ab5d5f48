import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { MainspringError } from '../../base/errors';
import { type NpmSource, type RunCommand } from '../../domain/programs/programs';
import { hasCode } from '../../base/durable-file';
import { parseForeignOutput, readForeignFile } from '../foreign-output';
import { type Installed, type Installer, type InstallerIo, type InstallTarget } from '../installer';
import { nodeRun } from './node-run';
import { binFile, binSchema } from './npm-bin';
import { npm } from './npm-command';
import { type NpmLock, parseNpmLock, rootDependencies } from './npm-lock';
import { runAllowedScripts } from './npm-scripts';

/** Name of every root package, the same in all folders so that equal programs have equal locks. */
const ROOT_NAME = 'mainspring-program';

/** Installs packages from an npm registry. */
export const npmInstaller: Installer<NpmSource> = {
  async install(target, folder, io) {
    const lockText = await fillFolder(target, folder, io);
    const lock = parseNpmLock(lockText);
    const pin = pinOf(target, lock);
    const blockedScripts = await runAllowedScripts(lock, { folder }, target.allowScripts, io);
    return { pin, lockText, run: await runOf(target.source, folder), blockedScripts };
  },

  async latest({ package: name }, io) {
    return distTag(name, io);
  },
};

/** Installs the package; returns the text of the lock. */
async function fillFolder(
  { source, pin, lockText, allowScripts }: InstallTarget<NpmSource>,
  folder: string,
  io: InstallerIo,
): Promise<string> {
  const dependencies = lockText === undefined ? {} : rootDependencies(parseNpmLock(lockText));
  // npm 11 reads the consent from this member, older versions ignore it.
  const allowed = Object.fromEntries(allowScripts.map((name) => [name, true]));
  const manifest = { name: ROOT_NAME, private: true, dependencies, allowScripts: allowed };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  const lockFile = path.join(folder, 'package-lock.json');
  if (lockText !== undefined) {
    io.onStep(`installing ${source.package} from its lock`);
    await writeFile(lockFile, lockText);
    await npm(io, ['ci', '--omit=dev'], { folder });
    return lockText;
  }
  io.onStep(`installing ${source.package}`);
  const version = pin?.version ?? (source.wanted || 'latest');
  const specs = [`${source.package}@${version}`, ...(source.with ?? [])];
  const flags = ['--omit=dev', '--save', '--save-exact', '--package-lock=true'];
  await npm(io, ['install', ...flags, '--', ...specs], { folder });
  return readForeignFile(lockFile);
}

/** @throws MainspringError INTEGRITY_MISMATCH when the integrity differs from the configured or pinned one */
function pinOf({ source, pin }: InstallTarget<NpmSource>, lock: NpmLock): Installed['pin'] {
  const { version, integrity } = lock.packages[`node_modules/${source.package}`] ?? {};
  if (version === undefined || integrity === undefined) {
    throw new MainspringError(
      'INSTALL_FAILED',
      `npm installed "${source.package}" without a version or integrity from a registry.`,
      {
        fix: 'Only packages from a registry can be installed. Run the command unchanged: --as-is.',
      },
    );
  }
  for (const expected of [source.integrity, pin?.integrity]) {
    if (expected === undefined || integrity.split(/\s+/).includes(expected)) continue;
    throw new MainspringError(
      'INTEGRITY_MISMATCH',
      `${source.package}@${version} has the integrity ${integrity}, not ${expected}.`,
    );
  }
  return { name: source.package, version, integrity };
}

async function runOf(source: NpmSource, folder: string): Promise<RunCommand> {
  const installed = path.join(folder, 'node_modules', source.package);
  const manifestFile = path.join(installed, 'package.json');
  const manifest = parseForeignOutput(binSchema, await readForeignFile(manifestFile), manifestFile);
  const file = path.join(installed, binFile(manifest, source.bin));
  return nodeRun(file).catch((cause: unknown) => {
    if (!hasCode(cause, 'ENOENT')) throw cause;
    throw new MainspringError('INSTALL_FAILED', `"${source.package}" has no file ${file}.`, {
      fix: `An install script may create it. To run its scripts: --allow-scripts ${source.package}.`,
      cause,
    });
  });
}

async function distTag(name: string, io: InstallerIo): Promise<string> {
  const text = await npm(io, ['view', '--json', name, 'dist-tags.latest'], {
    folder: os.tmpdir(),
    quiet: true,
  });
  return parseForeignOutput(z.string(), text, `"npm view ${name}"`);
}
