import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type InstalledProgram } from '../domain/programs/programs';
import { writeDurably } from '../base/durable-file';
import { identityOf } from '../process/process-identity';
import { buildName } from './build-name';

/** Record of a completely installed program. */
export interface Manifest extends Omit<InstalledProgram, 'reused'> {
  /** `targetDigest` of the request that created it. */
  wish: string;
  /** Path of the Node.js that installed it, which may have moved since. */
  node: string;
  publishedAtMs: number;
}

interface Build {
  /** Absolute path; empty at first, and never moved. */
  readonly folder: string;
  /** Folder for temporary files; removed when the build is published or discarded. */
  readonly temporary: string;
  /** Makes the build the program `key`, and replaces an existing one. */
  publish(key: string, manifest: Manifest): Promise<void>;
  /** Removes the build. */
  discard(): Promise<void>;
}

export interface ProgramStore {
  /** Undefined when it does not exist or is unusable. */
  find(key: string): Promise<Manifest | undefined>;
  /** Returns the programs that were published for this request since then. */
  findSince(requestDigest: string, sinceMs: number): Promise<Manifest[]>;
  createBuild(): Promise<Build>;
}

export const buildsFolder = (root: string) => path.join(root, 'builds');
export const MANIFEST_FILE = 'manifest.json';

const question = z.object({
  title: z.string(),
  required: z.boolean(),
  default: z.union([z.string(), z.array(z.string())]).exactOptional(),
});

const manifestSchema = z.object({
  wish: z.string(),
  node: z.string(),
  publishedAtMs: z.number(),
  pin: z.object({
    name: z.string(),
    version: z.string(),
    integrity: z.string(),
    lock: z.string().exactOptional(),
    allowScripts: z.array(z.string()),
  }),
  run: z.object({
    command: z.string(),
    args: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    questions: z.record(z.string(), question).exactOptional(),
  }),
  blockedScripts: z.array(z.string()),
});

/**
 * Programs in `root`. Each one is built in a separate folder under `builds/`, which its process owns by its name until
 * the link `<key>` to it appears. Links are replaced atomically, so that a program exists completely or not at all.
 */
export function openProgramStore(root: string): ProgramStore {
  const find = (key: string) => readManifest(path.join(root, key));
  return {
    find,

    async findSince(requestDigest, sinceMs) {
      const all = await Promise.all((await programKeys(root)).map(find));
      return all
        .filter((manifest) => manifest !== undefined)
        .filter((one) => one.wish === requestDigest && one.publishedAtMs >= sinceMs);
    },

    async createBuild() {
      const build = path.join(buildsFolder(root), buildName(identityOf(process.pid)));
      const folder = path.join(build, 'files');
      const temporary = path.join(build, 'tmp');
      for (const made of [folder, temporary]) await mkdir(made, { recursive: true, mode: 0o700 });
      return {
        folder,
        temporary,
        async publish(key, manifest) {
          await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
          await writeDurably(path.join(build, MANIFEST_FILE), JSON.stringify(manifest, null, 2));
          await replaceLink(path.join(root, key), build);
        },
        discard: () => rm(build, { recursive: true, force: true, maxRetries: 3 }),
      };
    },
  };
}

/** Names of all programs: the links in `root`. */
export async function programKeys(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isSymbolicLink() && !entry.name.endsWith('.new'))
    .map(({ name }) => name);
}

/**
 * Returns undefined for an unreadable manifest, whatever the reason: the program is installed again, and others are not
 * affected.
 */
async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(
      JSON.parse(await readFile(path.join(folder, MANIFEST_FILE), 'utf8')),
    );
  } catch {
    return undefined;
  }
}

/** Links relatively, so that the data directory may be mounted elsewhere. */
async function replaceLink(link: string, build: string): Promise<void> {
  const root = path.dirname(link);
  const replaced = await readlink(link).catch(() => undefined); // there was none
  const temporary = `${link}.${randomUUID()}.new`;
  await symlink(path.relative(root, build), temporary);
  await rename(temporary, link);
  if (replaced === undefined) return;
  const now = new Date();
  // The sweep reads from it how long no new process has started from there.
  await utimes(path.resolve(root, replaced), now, now).catch(() => undefined); // it is gone already
}
