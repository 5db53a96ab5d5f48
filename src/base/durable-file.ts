import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Replaces a private file (0600) atomically: a reader sees all of it or the old one, even after a power cut. */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  await withTemporary(file, content, (temporary) => rename(temporary, file));
}

/** Creates a file like `writeDurably`, but leaves an existing one alone; returns whether it was created. */
export async function createDurably(file: string, content: string | Uint8Array): Promise<boolean> {
  return withTemporary(file, content, async (temporary) => {
    try {
      await link(temporary, file); // unlike rename, fails when another process was faster
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    }
  });
}

/** Creates an empty 0600 file for programs that would create it readable for everyone. */
export async function ensurePrivateFile(file: string): Promise<void> {
  try {
    await (await open(file, 'wx', 0o600)).close();
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    // By path: to open and close an SQLite database would drop the locks that this process holds on it.
    await chmod(file, 0o600);
  }
}

/** Whether `error` is a system error with this code, such as ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

/** Returns the code of a system error. It checks the shape, since errors of another realm are not `instanceof Error`. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

async function withTemporary<Result>(
  file: string,
  content: string | Uint8Array,
  publish: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const result = await publish(temporary);
    await syncFolder(folder);
    return result;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Makes the new name itself durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
