import { existsSync } from 'node:fs';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { type InstallerIo } from '../installer';
import { type NodeProject } from './node-manifest';
import { npm } from './npm-command';

/** Scripts of the project itself that `npm install` would run, in this order. */
const LIFECYCLE = ['preinstall', 'install', 'postinstall', 'prepare'];
const BUILD = 'build';

export function lifecycleScripts({ manifest }: NodeProject): string[] {
  return LIFECYCLE.filter((name) => manifest.scripts?.[name] !== undefined);
}

export async function runLifecycle(project: NodeProject, io: InstallerIo): Promise<void> {
  for (const name of lifecycleScripts(project)) await runScript(project, name, io);
}

/** Builds the missing entry file of the project, if a script creates it and the user has consented. */
export async function buildProject(
  project: NodeProject,
  mayRun: boolean,
  io: InstallerIo,
): Promise<void> {
  const { dir, name, manifest } = project;
  const script = manifest.scripts?.[BUILD];
  const missing = missingEntry(project);
  if (missing === undefined || script === undefined) return;
  if (!mayRun) {
    throw new MainspringError(
      'INSTALL_FAILED',
      `"${name}" is not built: ${missing} is missing. Its script "${BUILD}" (${script}) creates it.`,
      {
        fix: `Build it (cd ${dir} && npm run ${BUILD}), or let Mainspring build it, which runs its code: --allow-scripts ${name}.`,
      },
    );
  }
  await runScript(project, BUILD, io);
  if (missingEntry(project) === undefined) return;
  throw new MainspringError(
    'INSTALL_FAILED',
    `"${name}" still has no ${missing} after running its script "${BUILD}".`,
  );
}

/** Returns the first entry file named in package.json, when none of them exists. */
function missingEntry({ dir, manifest: { main, bin = {} } }: NodeProject): string | undefined {
  const bins = typeof bin === 'string' ? [bin] : Object.values(bin);
  const entries = [...(main === undefined ? [] : [main]), ...bins];
  const isExisting = (entry: string) =>
    ['', '.js', '.json', '/index.js'].some((end) => existsSync(path.join(dir, entry + end)));
  return entries.some(isExisting) ? undefined : entries[0];
}

async function runScript({ dir }: NodeProject, name: string, io: InstallerIo): Promise<void> {
  io.onStep(`running the script "${name}" of ${dir}`);
  await npm(io, ['run', name], { project: dir, scripts: true });
}
