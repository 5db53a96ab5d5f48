import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type JsonObject } from '../domain/calls';
import { MainspringError, reportOf } from '../domain/errors';
import { hasCode, writeDurably } from '../durable-file';
import { type ResultStore } from './store';

/** One file per result, in a folder per first two hex digits, so that no folder gets huge. */
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
      return describing(folder, async () => {
        let removed = 0;
        for (const shard of (await unlessMissing(readdir(folder))) ?? []) {
          removed += await removeFilesBefore(path.join(folder, shard), before);
        }
        return removed;
      });
    },
  };
}

function fileOf(folder: string, ref: string): string {
  const digest = createHash('sha256').update(ref).digest('hex');
  return path.join(folder, digest.slice(0, 2), `${digest}.json`);
}

/** Counts results; temporary files of a writer that was killed go with them. */
async function removeFilesBefore(shard: string, beforeMs: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(shard)) {
    const file = path.join(shard, name);
    const found = await unlessMissing(stat(file));
    if (!found || found.mtimeMs >= beforeMs) continue;
    await rm(file, { force: true });
    if (name.endsWith('.json')) removed += 1;
  }
  return removed;
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
    const reason = reportOf(error).message;
    throw new MainspringError('STORE_FAILED', `The stored result ${file} failed: ${reason}`, {
      fix: 'Check the disk and the permissions of the data directory.',
      cause: error,
    });
  }
}
