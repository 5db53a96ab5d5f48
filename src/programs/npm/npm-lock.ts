import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { foreignAnswer } from '../foreign-answer';

const entrySchema = z.looseObject({
  version: z.string().optional(),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
  link: z.boolean().optional(),
  optional: z.boolean().optional(),
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  peer: z.boolean().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});

const lockSchema = z.looseObject({ packages: z.record(z.string(), entrySchema) });

/** The part of a package-lock.json (versions 2 and 3) that we read: installed folders by their path. */
export type NpmLock = z.infer<typeof lockSchema>;

export function parseNpmLock(text: string): NpmLock {
  return foreignAnswer(lockSchema, text, 'the package-lock.json');
}

/** What the root of a lock asks for; npm wants it in the package.json beside it. */
export function rootDependencies(lock: NpmLock): Record<string, string> {
  return lock.packages['']?.dependencies ?? {};
}

/** Whether what is installed is what a lock asks for; what may be left out may be missing. */
export function lockIsSatisfied(lock: NpmLock, installed: NpmLock): boolean {
  return Object.entries(lock.packages).every(([at, wanted]) => {
    if (at === '' || wanted.link) return true;
    const found = installed.packages[at];
    const { optional, dev, devOptional, peer } = wanted;
    if (!found) return [optional, dev, devOptional, peer].includes(true);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** Name of the package that lies at this path: the lock's paths are those of `node_modules`. */
function nameOf(lockPath: string): string {
  return lockPath.slice(lockPath.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Names of the packages in `folder` that have code to run when they are installed. */
export async function scriptedPackages(lock: NpmLock, folder: string): Promise<string[]> {
  const paths = Object.keys(lock.packages).filter((at) => at.includes('node_modules/'));
  const found = await Promise.all(
    paths.map(async (at) => {
      const installed = path.join(folder, at);
      const { hasInstallScript } = lock.packages[at] ?? {};
      const named = hasInstallScript ? installed : path.join(installed, 'binding.gyp');
      return (await exists(named)) ? [nameOf(at)] : []; // optional ones of other platforms are not there
    }),
  );
  return [...new Set(found.flat())].sort();
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
