import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError, reportOf } from '../base/errors';
import { isDiskFull } from '../base/disk-error';
import { hasCode, writeDurably } from '../base/durable-file';
import { type ResultStore } from './store';
import { type JsonObject } from '../base/json';
import { sha256 } from '../base/sha256';

/** Stores one file per result, in a folder per first two hex digits, so that no folder gets huge. */
export function createResultFiles(folder: string): ResultStore {
  return {
    async put(ref, result) {
      const file = fileOf(folder, ref);
      await describing(file, () => writeDurably(file, JSON.stringify(result)));
    },

    async get(ref) {
      const file = fileOf(folder, ref);
      const text = await describing(file, () => unlessMissing(readFile(file, 'utf8')));
      if (text === undefined) return undefined;
      return describing(file, async () => JSON.parse(text) as JsonObject);
    },

    async removeOlderThan(ageMs) {
      const before = Date.now() - ageMs;
      let removed = 0;
      let problem: unknown;
      // A file that cannot be removed stays, and does not affect others.
      const trying = async <Value>(file: string, action: () => Promise<Value>) => {
        const done = describing(file, () => unlessMissing(action()));
        return done.catch((error: unknown) => void (problem ??= error));
      };
      for (const name of (await trying(folder, () => readdir(folder))) ?? []) {
        if (!SHARD.test(name)) continue;
        const shard = path.join(folder, name);
        for (const file of (await trying(shard, () => filesIn(shard))) ?? []) {
          if (await trying(file, () => isRemoved(file, before))) removed += 1;
        }
      }
      if (problem instanceof Error) throw problem;
      return removed;
    },
  };
}

/** Names of folders with results; anything else in `results/` is not ours. */
const SHARD = /^[0-9a-f]{2}$/;
/** Names of results, and of temporary files of a writer that was killed. */
const RESULT_FILE = /^[0-9a-f]{64}\.json(\..*\.tmp)?$/;

function fileOf(folder: string, ref: string): string {
  const digest = sha256(ref);
  return path.join(folder, digest.slice(0, 2), `${digest}.json`);
}

async function filesIn(shard: string): Promise<string[]> {
  const entries = await readdir(shard, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && RESULT_FILE.test(entry.name))
    .map(({ name }) => path.join(shard, name));
}

/** Removes an old file; returns whether it was a result: other files are not counted. */
async function isRemoved(file: string, beforeMs: number): Promise<boolean> {
  const { mtimeMs } = await stat(file);
  if (mtimeMs >= beforeMs) return false;
  await rm(file, { force: true });
  return file.endsWith('.json');
}

async function unlessMissing<Value>(value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function describing<Value>(file: string, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    const message = `The stored result ${file} failed: ${reportOf(error).message}`;
    if (isDiskFull(error)) throw new MainspringError('DISK_FULL', message, { cause: error });
    throw new MainspringError('STORE_FAILED', message, {
      fix: 'Check the disk and the permissions of the data directory.',
      cause: error,
    });
  }
}
