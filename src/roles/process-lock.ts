import { readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { createDurably, hasCode } from '../durable-file';
import { identityOf, isAlive, type ProcessIdentity } from '../process/process-identity';

const ownerSchema = z.object({ pid: z.number(), startTime: z.number().optional() });

export type ProcessLock = { release(): Promise<void> } | { heldBy: ProcessIdentity };

/** Makes this process the owner of a lock file, unless a living one is. A lock of a dead process counts for nothing. */
export async function lockFile(file: string): Promise<ProcessLock> {
  const content = JSON.stringify(identityOf(process.pid));
  while (!(await createDurably(file, content))) {
    const owner = await ownerOf(file);
    if (owner && isAlive(owner)) return { heldBy: owner };
    await removeStale(file);
  }
  return { release: () => rm(file, { force: true }) };
}

async function ownerOf(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return ownerSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Moved away first: of two processes that find the same stale lock, one gets it. The other may have moved the new
 * lock of the first by then, and puts it back.
 */
async function removeStale(file: string): Promise<void> {
  const moved = `${file}.${process.pid}.stale`;
  try {
    await rename(file, moved);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const owner = await ownerOf(moved);
  if (owner && isAlive(owner)) await createDurably(file, JSON.stringify(owner));
  await rm(moved, { force: true });
}
