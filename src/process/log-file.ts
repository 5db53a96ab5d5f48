import { type Mask } from './mask';

/** A server's stderr on disk and, its last lines, in memory. */
export interface ServerLog {
  /** Applied to every line before it is stored, and to error texts. */
  readonly mask: Mask;
  /** Adds one line. */
  append(line: string): void;
  /** The last lines, oldest first. */
  tail(lines: number): string[];
  /** Resolves when everything is on disk. */
  close(): Promise<void>;
}

/** Opens (creates, or goes on with) a log file; its folder is created. */
export function openServerLog(_file: string, _mask: Mask): ServerLog {
  throw new Error('not yet');
}
