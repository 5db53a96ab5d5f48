import { mkdirSync, statSync } from 'node:fs';
import { appendFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MAX_LOG_LINE_BYTES } from '../domain/limits';
import { type Mask } from './mask';

/** Lines of a child's stderr that are kept in memory for errors. */
const STDERR_RING_LINES = 200;
/** Size at which a server's log file is rotated; one old file is kept. */
export const MAX_LOG_FILE_BYTES = 5 * 1024 * 1024;

/** Maximum that waits for the disk; further lines are dropped, so that a slow disk does not fill memory. */
const MAX_PENDING_BYTES = 1024 * 1024;

/** Log of a server's stderr: all of it on disk, its last lines in memory. */
export interface ServerLog {
  /** Applied to every line before it is stored. Replace it when a reload brings other secrets. */
  mask: Mask;
  /** Adds one line; never blocks. */
  append(line: string): void;
  /** Returns the last lines, oldest first. */
  tail(lines: number): string[];
  /** Resolves when everything is on disk. */
  close(): Promise<void>;
}

/** Opens or creates a log file and its folder; new lines are appended. A full file is rotated to `<file>.1`. */
export function openServerLog(file: string, mask: Mask): ServerLog {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const ring: string[] = [];
  let pending: string[] = [];
  let pendingBytes = 0;
  let dropped = 0;
  let fileBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let writing: Promise<void> | undefined;

  const drain = async () => {
    while (pending.length > 0) {
      if (dropped > 0) pending.push(droppedNotice(dropped));
      const text = `${pending.join('\n')}\n`;
      pending = [];
      pendingBytes = 0;
      dropped = 0;
      if (fileBytes > 0 && fileBytes + text.length > MAX_LOG_FILE_BYTES) {
        await rename(file, `${file}.1`);
        fileBytes = 0;
      }
      await appendFile(file, text, { mode: 0o600 });
      fileBytes += Buffer.byteLength(text);
    }
  };
  const write = () => {
    // Lines lost on a full disk must not stop the server that wrote them; the ring still has the last ones.
    writing ??= drain()
      .catch(() => undefined)
      .finally(() => (writing = undefined));
  };

  const log: ServerLog = {
    mask,
    append(line) {
      const stored = maskLine(line, log.mask);
      ring.push(stored);
      if (ring.length > STDERR_RING_LINES) ring.shift();
      if (pendingBytes > MAX_PENDING_BYTES) {
        dropped++;
        return;
      }
      pending.push(stored);
      pendingBytes += stored.length;
      write();
    },
    tail: (lines) => (lines > 0 ? ring.slice(-lines) : []),
    async close() {
      while (writing) await writing;
    },
  };
  return log;
}

/** Returns the line that replaces lines in a log that came too fast. */
export function droppedNotice(lines: number): string {
  return `[mainspring: dropped ${lines} lines: too many to store]`;
}

/** Masks a line. One that was cut may end within a secret, so its end is removed too. */
function maskLine(line: string, mask: Mask): string {
  if (Buffer.byteLength(line) < MAX_LOG_LINE_BYTES) return mask(line);
  const masked = mask(line.slice(0, MAX_LOG_LINE_BYTES));
  return `${masked.slice(0, masked.length - mask.longest)}…`;
}
