import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../base/durable-file';
import { packageRoot } from '../base/package-root';
import { type ProcessIdentity, identityOf, isAlive } from '../process/process-identity';
import { MIN_VERSION, ExecutableNotFound, versionOf } from './executable-version';
import { SQLITE_DRIVERS, type SqliteDriver } from './sqlite-driver';

const KEY_LENGTH = 16;
/** Followed by how it contains SQLite, in the cache also by a hash of its sources. */
const BUILT_PREFIX = 'temporal-built-';
const SCRATCH_PREFIX = 'making-';

const manifestSchema = z.object({ bytes: z.int() });

/** The Go module that `buildServer` builds. */
export function moduleFolder(): string {
  return path.join(packageRoot(), 'temporal-config', 'dev-server');
}

/**
 * Returns the cache path for a build of the current sources. It does not depend on the installed
 * Go: the cache must also serve machines without Go, and an update of Go is no reason for another
 * build of four minutes.
 */
export function builtPath(cacheDir: string, driver: SqliteDriver): string {
  const folder = moduleFolder();
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(go|mod|sum|pgo)$/.test(name) && !name.endsWith('_test.go'))
    .sort();
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const name of sources)
    hash.update(`\0${name}\0`).update(readFileSync(path.join(folder, name)));
  const key = hash.digest('hex').slice(0, KEY_LENGTH);
  return path.join(cacheDir, `${BUILT_PREFIX}${driver}-${key}`);
}

/**
 * Returns how an executable that was built from our sources contains SQLite, and undefined for any
 * other. Only ours check the Host header of UI requests.
 */
export function driverOfOurBuild(file: string): SqliteDriver | undefined {
  const name = path.parse(file).name;
  return SQLITE_DRIVERS.find((driver) => {
    const built = `${BUILT_PREFIX}${driver}`;
    return name === built || name.startsWith(`${built}-`);
  });
}

/**
 * Returns the paths where the platform package of scripts/build-packages.js has its executable,
 * if it is installed for the package at `root`.
 */
export function packagedPaths(root = packageRoot()): string[] {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const name = `@mainspring/temporal-${process.platform}-${process.arch}`;
  const files = SQLITE_DRIVERS.map((driver) => `${BUILT_PREFIX}${driver}${suffix}`);
  return foldersUpFrom(root)
    .flatMap((folder) => files.map((file) => path.join(folder, 'node_modules', name, file)))
    .filter((file) => existsSync(file));
}

/** npm installs a dependency beside its dependant, or in a folder further up. */
function foldersUpFrom(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersUpFrom(parent)];
}

/** Returns the cache path of the official executable. */
export function downloadedPath(cacheDir: string): string {
  return path.join(cacheDir, `temporal-${MIN_VERSION}`);
}

/** Returns every place in the cache where an executable may be, the best one first. */
export function cachedPaths(cacheDir: string): string[] {
  return [...SQLITE_DRIVERS.map((driver) => builtPath(cacheDir, driver)), downloadedPath(cacheDir)];
}

/** Returns the version of a cached executable; fails if it is missing, damaged or does not run. */
export async function verifyCached(file: string): Promise<string> {
  const manifest = await readFile(`${file}.json`, 'utf8').catch(() => undefined); // absent
  if (manifest === undefined) throw new ExecutableNotFound(`${path.basename(file)} not found`);
  const { bytes } = readManifest(file, manifest);
  // A truncated file may still answer --version.
  const found = await stat(file).catch(() => undefined); // absent
  if (found?.size !== bytes) {
    throw new Error(`${file} is damaged: ${found?.size ?? 0} bytes instead of ${bytes}`);
  }
  return versionOf(file);
}

function readManifest(file: string, text: string): z.infer<typeof manifestSchema> {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file}.json is damaged`, { cause: error });
  }
}

/**
 * Runs `make` with a scratch folder inside the cache, then publishes the executable that it returns
 * as `file`, atomically. Removes scratch folders of processes that were killed.
 */
export async function makeCached(
  file: string,
  make: (scratch: string) => Promise<string>,
): Promise<void> {
  const cacheDir = path.dirname(file);
  await mkdir(cacheDir, { recursive: true });
  await sweep(cacheDir);
  const scratch = path.join(cacheDir, scratchName(identityOf(process.pid)));
  await mkdir(scratch);
  try {
    const made = await make(scratch);
    await chmod(made, 0o755);
    const { size } = await stat(made);
    await rename(made, file);
    await writeDurably(`${file}.json`, JSON.stringify({ bytes: size }));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function scratchName({ pid, startTime }: ProcessIdentity): string {
  return `${SCRATCH_PREFIX}${pid}-${startTime ?? 0}-${randomUUID()}`;
}

async function sweep(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith(SCRATCH_PREFIX)) continue;
    const [pid, startTime] = name.slice(SCRATCH_PREFIX.length).split('-').map(Number);
    const maker = { pid: pid ?? 0, ...(startTime && { startTime }) };
    if (isAlive(maker)) continue;
    await rm(path.join(cacheDir, name), { recursive: true, force: true });
  }
}
