import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type InstalledProgram } from '../domain/programs/programs';
import { writeDurably } from '../base/durable-file';
import { identityOf } from '../process/process-identity';
import { buildName } from './build-name';

/** What is known of a program that was installed completely. */
export interface Manifest extends Omit<InstalledProgram, 'reused'> {
  /** `wishDigest` of the request that made it. */
  wish: string;
  /** The Node.js that installed it, which may be elsewhere now. */
  node: string;
  publishedAtMs: number;
}

interface Build {
  /** Absolute; empty at first, and never moved. */
  readonly folder: string;
  /** For temporary files; gone when it is published or discarded. */
  readonly temporary: string;
  /** Makes it the program `key`, in place of one that has this key already. */
  publish(key: string, manifest: Manifest): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

export interface ProgramStore {
  /** Undefined when there is none, or none that can be used. */
  find(key: string): Promise<Manifest | undefined>;
  /** What was published for this wish since then. */
  findSince(wish: string, sinceMs: number): Promise<Manifest[]>;
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
 * Programs in `root`: each is built in a folder of its own under `builds/`, which its process owns by its name until the
 * link `<key>` to it appears. A link is replaced at once, so that a program is there completely or not at all.
 */
export function openProgramStore(root: string): ProgramStore {
  const find = (key: string) => readManifest(path.join(root, key));
  return {
    find,

    async findSince(wish, sinceMs) {
      const all = await Promise.all((await programKeys(root)).map(find));
      return all
        .filter((manifest) => manifest !== undefined)
        .filter((one) => one.wish === wish && one.publishedAtMs >= sinceMs);
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
          await pointTo(path.join(root, key), build);
        },
        discard: () => rm(build, { recursive: true, force: true, maxRetries: 3 }),
      };
    },
  };
}

/** The names of all programs: links in `root`. */
export async function programKeys(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isSymbolicLink() && !entry.name.endsWith('.new'))
    .map(({ name }) => name);
}

/** What cannot be read, for whatever reason, is no program: it is installed anew, and harms no other one. */
async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(
      JSON.parse(await readFile(path.join(folder, MANIFEST_FILE), 'utf8')),
    );
  } catch {
    return undefined;
  }
}

/** Relative, so that the data directory may be mounted elsewhere. */
async function pointTo(link: string, build: string): Promise<void> {
  const root = path.dirname(link);
  const replaced = await readlink(link).catch(() => undefined); // there was none
  const temporary = `${link}.${randomUUID()}.new`;
  await symlink(path.relative(root, build), temporary);
  await rename(temporary, link);
  if (replaced === undefined) return;
  const now = new Date();
  // The sweep sees by it since when nothing new is started from there.
  await utimes(path.resolve(root, replaced), now, now).catch(() => undefined); // it is gone already
}
