import { truncate } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { MainspringError } from './errors';
import { ensurePrivateFile, hasCode } from './durable-file';

const RETRY_MS = 10;

export interface FileLock {
  release(): void;
}

export interface WaitForLock {
  /** How long to wait for another holder. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Called again and again while another one holds it. */
  onWait?: () => void;
}

/** Without a reference to its database a lock would be freed whenever garbage is collected. */
const held = new Set<Database.Database>();

/**
 * Takes the lock `file`, unless another process, or something else in this one, holds it. It is SQLite's write lock on an
 * empty database that nothing is ever written to: the kernel frees it when its owner dies, however that happens, so that no
 * lock is ever stale and there is nothing to take over. The file stays: to remove it would give two owners a file each.
 *
 * @returns undefined when it is held
 */
export async function tryFileLock(file: string): Promise<FileLock | undefined> {
  return lockUnless(file, async () => true);
}

/**
 * Runs `action` while nobody else holds the lock `file`.
 *
 * @throws MainspringError HOME_UNUSABLE when the others take longer than `timeoutMs`; the reason of `signal` when it is
 * aborted while waiting
 */
export async function withFileLock<Result>(
  file: string,
  wait: WaitForLock,
  action: () => Promise<Result>,
): Promise<Result> {
  const lock = await acquire(file, wait);
  try {
    return await action();
  } finally {
    lock.release();
  }
}

async function acquire(
  file: string,
  { timeoutMs, signal, onWait }: WaitForLock,
): Promise<FileLock> {
  const deadline = performance.now() + timeoutMs;
  const lock = await lockUnless(file, async () => {
    signal?.throwIfAborted();
    if (performance.now() > deadline) return true;
    onWait?.();
    await sleep(RETRY_MS);
    return false;
  });
  if (lock) return lock;
  throw new MainspringError(
    'HOME_UNUSABLE',
    `Another process has held ${file} for more than ${timeoutMs} ms.`,
    { fix: 'Try again when the other mainspring command has finished.' },
  );
}

/** Tries until `givesUp`, which is asked after each time that somebody else had it. */
async function lockUnless(
  file: string,
  givesUp: () => Promise<boolean>,
): Promise<FileLock | undefined> {
  await ensurePrivateFile(file);
  const database = new Database(file);
  try {
    while (!(await begin(database, file))) {
      if (!(await givesUp())) continue;
      database.close();
      return undefined;
    }
  } catch (error) {
    database.close();
    throw error;
  }
  held.add(database);
  return {
    release() {
      if (held.delete(database)) database.close();
    },
  };
}

/** Whether it got the lock. */
async function begin(database: Database.Database, file: string): Promise<boolean> {
  try {
    database.exec('PRAGMA journal_mode = MEMORY'); // no file beside it, so that a full disk does not matter
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (hasCode(error, 'SQLITE_BUSY')) return false;
    if (!hasCode(error, 'SQLITE_NOTADB')) throw error;
  }
  await truncate(file); // the lock of an earlier version, whose owner is gone; emptied in place, by any number at once
  return begin(database, file);
}
