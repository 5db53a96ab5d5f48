import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { MainspringError } from './domain/errors';
import { ensurePrivateFile, hasCode } from './durable-file';

const RETRY_MS = 10;

/**
 * Runs `action` while no other process, and nothing else in this one, holds the lock `file`. It is SQLite's write
 * lock on an empty database: the kernel frees it when its owner dies, so that no lock is ever stale.
 *
 * @throws the reason of `signal` when it is aborted while waiting
 */
export async function withFileLock<Result>(
  file: string,
  timeoutMs: number,
  action: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  await ensurePrivateFile(file);
  const database = new Database(file);
  try {
    await acquire(database, file, timeoutMs, signal);
    return await action();
  } finally {
    database.close();
  }
}

async function acquire(
  database: Database.Database,
  file: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      database.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!hasCode(error, 'SQLITE_BUSY')) throw error;
      if (performance.now() > deadline) {
        throw new MainspringError(
          'HOME_UNUSABLE',
          `Another process has held ${file} for more than ${timeoutMs} ms.`,
          { fix: 'Try again when the other mainspring command is done.', cause: error },
        );
      }
    }
    await sleep(RETRY_MS);
  }
}
