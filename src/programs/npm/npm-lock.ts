import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { parseForeignOutput } from '../foreign-output';

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

/** The part of a package-lock.json (versions 2 and 3) that we read: installed folders by path. */
export type NpmLock = z.infer<typeof lockSchema>;

export function parseNpmLock(text: string): NpmLock {
  return parseForeignOutput(lockSchema, text, 'the package-lock.json');
}

/** Dependencies of the root of a lock, which npm requires in the package.json beside it. */
export function rootDependencies(lock: NpmLock): Record<string, string> {
  return lock.packages['']?.dependencies ?? {};
}

/** Whether the installed packages match a lock; optional ones may be missing. */
export function lockIsSatisfied(lock: NpmLock, installed: NpmLock): boolean {
  return Object.entries(lock.packages).every(([lockPath, locked]) => {
    if (lockPath === '' || locked.link) return true;
    const found = installed.packages[lockPath];
    const { optional, dev, devOptional, peer } = locked;
    if (!found) return [optional, dev, devOptional, peer].includes(true);
    return found.version === locked.version && found.integrity === locked.integrity;
  });
}

/** Returns the name of the package at this path of a lock; paths are those of `node_modules`. */
function nameOf(lockPath: string): string {
  return lockPath.slice(lockPath.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Names of the packages in `folder` that run code when they are installed. */
export async function scriptedPackages(lock: NpmLock, folder: string): Promise<string[]> {
  const paths = Object.keys(lock.packages).filter((at) => at.includes('node_modules/'));
  const found = await Promise.all(
    paths.map(async (at) => {
      const installed = path.join(folder, at);
      const { hasInstallScript } = lock.packages[at] ?? {};
      const marker = hasInstallScript ? installed : path.join(installed, 'binding.gyp');
      return (await exists(marker)) ? [nameOf(at)] : []; // optional packages for other platforms are not installed
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
