import { type Readable } from 'node:stream';
import { MAX_LOG_LINE_BYTES, STDERR_LINES_IN_ERRORS } from '../domain/limits';
import { splitLines } from './lines';
import { droppedNotice, type ServerLog } from './log-file';

const WINDOW_MS = 1_000;
/** Bytes that a child may log per window; beyond it lines are counted instead of stored. */
const LOG_BYTES_PER_WINDOW = 1024 * 1024;
/** Bytes that are read per window; beyond it the child waits, because even counting would starve the host's other servers. */
const READ_BYTES_PER_WINDOW = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface Capture {
  /** Returns the last lines that this child wrote, masked. */
  lastLines(): string[];
}

/** Reads a child's stderr into its log, with bounded work however much it writes. */
export function captureLines(stream: Readable, log: ServerLog): Capture {
  const last: string[] = [];
  const store = (line: string) => {
    log.append(line);
    last.push(...log.tail(1));
    if (last.length > STDERR_LINES_IN_ERRORS) last.shift();
  };
  const lines = splitLines({ maxBytes: MAX_LOG_LINE_BYTES, onLine: store, onTooLong: 'cut' });
  let windowEndsAt = 0;
  let windowBytes = 0;
  let droppedLines = 0;
  let timer: NodeJS.Timeout | undefined;

  const startWindow = () => {
    clearTimeout(timer);
    timer = undefined;
    windowEndsAt = performance.now() + WINDOW_MS;
    windowBytes = 0;
    if (droppedLines > 0) store(droppedNotice(droppedLines));
    droppedLines = 0;
    if (stream.isPaused()) stream.resume();
  };
  const drop = (chunk: Buffer) => {
    droppedLines += countLines(chunk);
    lines.skipLine();
    timer ??= setTimeout(startWindow, windowEndsAt - performance.now()).unref();
    if (windowBytes > READ_BYTES_PER_WINDOW) stream.pause();
  };
  stream.on('data', (chunk: Buffer) => {
    if (performance.now() >= windowEndsAt) startWindow();
    windowBytes += chunk.length;
    if (windowBytes > LOG_BYTES_PER_WINDOW) drop(chunk);
    else lines.write(chunk);
  });
  stream.on('end', () => {
    lines.end();
    startWindow();
  });
  return { lastLines: () => [...last] };
}

function countLines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
