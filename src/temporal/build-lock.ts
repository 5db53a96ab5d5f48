import { randomUUID } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { createDurably } from '../durable-file';
import { identityOf, isAlive } from '../process/process-identity';

const POLL_MS = 500;

const ownerSchema = z.object({ pid: z.int(), startTime: z.int().exactOptional() });

export interface LockOptions {
  /** Called about twice a second while another process has the lock. */
  onWait: (pid: number) => void;
  signal?: AbortSignal;
}

/**
 * Runs `work` while no other process does. The lock of a dead process is taken over. It only saves double work: two that take
 * over in the same moment may both go on, and must not harm each other.
 */
export async function withBuildLock<Result>(
  lock: string,
  { onWait, signal }: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  while (!(await createDurably(lock, JSON.stringify(identityOf(process.pid))))) {
    const pid = await livingOwner(lock);
    if (pid === undefined) {
      await discard(lock);
    } else {
      onWait(pid);
      await delay(POLL_MS, undefined, { ...(signal && { signal }) });
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function livingOwner(lock: string): Promise<number | undefined> {
  try {
    const owner = ownerSchema.parse(JSON.parse(await readFile(lock, 'utf8')));
    return isAlive(owner) ? owner.pid : undefined;
  } catch {
    return undefined; // released meanwhile, or not ours to understand
  }
}

async function discard(lock: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  await rename(lock, aside).catch(() => undefined); // somebody else was faster
  await rm(aside, { force: true });
}
