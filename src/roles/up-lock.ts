import { readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { MainspringError } from '../domain/errors';
import { createDurably, hasCode } from '../durable-file';
import { identityOf, isAlive } from '../process/process-identity';

const ownerSchema = z.object({ pid: z.number(), startTime: z.number().optional() });

/** Makes this process the only `up` on a data directory; ALREADY_RUNNING names the other one. */
export async function lockHome(home: string): Promise<{ release(): Promise<void> }> {
  const file = path.join(home, 'up.lock');
  const content = JSON.stringify(identityOf(process.pid));
  while (!(await createDurably(file, content))) {
    const owner = await ownerOf(file);
    if (owner && isAlive(owner)) {
      throw new MainspringError(
        'ALREADY_RUNNING',
        `Mainspring runs already on ${home} (pid ${owner.pid}).`,
        { fix: 'Use it (mainspring info), stop it (mainspring down), or set MAINSPRING_HOME.' },
      );
    }
    await removeStale(file);
  }
  return { release: () => rm(file, { force: true }) };
}

async function ownerOf(file: string) {
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
