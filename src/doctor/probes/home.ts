import { constants } from 'node:fs';
import { access, readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { type DiskFact, type HomeFact } from '../facts';

/** Every data directory that was used once has at least one of these. */
const TRACES = new Set(['inventory.json', 'instance.json', 'temporal.db', 'mainspring.db']);
const FOR_OTHERS = 0o077;

/** Returns the state of the data directory; `up` refuses every state except usable and absent. */
export async function probeHome(folder: string): Promise<HomeFact> {
  const stats = await stat(folder).catch(() => undefined); // absent
  if (stats === undefined) return { folder, state: 'absent', canCreate: await canCreate(folder) };
  if (!stats.isDirectory()) return { folder, state: 'not-a-directory' };
  if (process.getuid && stats.uid !== process.getuid()) return { folder, state: 'foreign' };
  const all = constants.R_OK | constants.W_OK | constants.X_OK;
  if (!(await isAccessible(folder, all))) return { folder, state: 'unwritable' };
  if ((stats.mode & FOR_OTHERS) === 0) return { folder, state: 'usable' };
  const mode = (stats.mode & 0o777).toString(8);
  return { folder, state: 'open', mode, isOurs: await isOurs(folder) };
}

/** Returns the free space of the data directory or its nearest existing parent; undefined where it is not reported. */
export async function probeDisk(home: string): Promise<DiskFact | undefined> {
  const folder = await nearestFolder(home);
  const stats = await statfs(folder).catch(() => undefined); // nobody says
  return stats && { folder, freeBytes: stats.bavail * stats.bsize };
}

async function canCreate(folder: string): Promise<boolean> {
  const nearest = await nearestFolder(folder);
  const isFolder = await stat(nearest).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder && isAccessible(nearest, constants.W_OK | constants.X_OK);
}

async function isOurs(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.length === 0 || names.some((name) => TRACES.has(name));
}

/** Returns the nearest existing folder on the path. */
async function nearestFolder(folder: string): Promise<string> {
  if (folder === path.dirname(folder) || (await isAccessible(folder, constants.F_OK)))
    return folder;
  return nearestFolder(path.dirname(folder));
}

function isAccessible(file: string, mode: number): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}
