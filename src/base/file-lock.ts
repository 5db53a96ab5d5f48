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
  /** Longest wait for another holder. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Called repeatedly while another process holds the lock. */
  onWait?: () => void;
}

/** Keeps the databases referenced: a lock would be released when its database is garbage-collected. */
const heldDatabases = new Set<Database.Database>();

/**
 * Takes the lock `file`, unless another process, or other code in this one, holds it. It is SQLite's write lock on an
 * empty database that is never written to. The kernel releases it when its owner dies in any way, so no lock is ever
 * stale. The file stays: removing it would give two owners a file each.
 *
 * @returns undefined when it is held
 */
export async function tryFileLock(file: string): Promise<FileLock | undefined> {
  return lockUnless(file, async () => true);
}

/**
 * Runs `action` while holding the lock `file`.
 *
 * @throws MainspringError HOME_UNUSABLE when other holders take longer than `timeoutMs`; the reason of `signal` when it is
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

/** Retries until `shouldStop`, which is called after each failed attempt, returns true. */
async function lockUnless(
  file: string,
  shouldStop: () => Promise<boolean>,
): Promise<FileLock | undefined> {
  await ensurePrivateFile(file);
  const database = new Database(file);
  try {
    while (!(await begin(database, file))) {
      if (!(await shouldStop())) continue;
      database.close();
      return undefined;
    }
  } catch (error) {
    database.close();
    throw error;
  }
  heldDatabases.add(database);
  return {
    release() {
      if (heldDatabases.delete(database)) database.close();
    },
  };
}

/** Begins the transaction that holds the lock; returns whether it succeeded. */
async function begin(database: Database.Database, file: string): Promise<boolean> {
  try {
    database.exec('PRAGMA journal_mode = MEMORY'); // no file beside it, so that a full disk does not matter
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (hasCode(error, 'SQLITE_BUSY')) return false;
    if (!hasCode(error, 'SQLITE_NOTADB')) throw error;
  }
  await truncate(file); // the lock of an earlier version, whose owner is gone; emptied in place, by any number of processes at once
  return begin(database, file);
}
