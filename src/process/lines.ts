import { Pieces } from '../base/pieces';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface LineOptions {
  /** Longest line, in bytes without its end. */
  maxBytes: number;
  onLine: (line: string) => void;
  /**
   * Handles a line that exceeds the limit. `cut` passes the first `maxBytes` to onLine and continues after the end of
   * the line. The result of a function gets the whole line in pieces, and the splitter continues after its end; without
   * a result all further input is ignored.
   */
  onTooLong: 'cut' | (() => LongLine | void);
}

/** Receives a line that is too long to be held. */
export interface LongLine {
  write(piece: Uint8Array): void;
  end(): void;
}

export interface LineSplitter {
  write(chunk: Buffer): void;
  /** Forgets the line that has begun, and ignores the input up to its end. */
  skipLine(): void;
  /** Passes on a last line that has no end. */
  end(): void;
}

/**
 * Splits a byte stream into lines. Each byte is visited once and copied at most twice, and at most one line is held, so
 * that a long or endless line costs neither time nor memory. Bytes are decoded per line: a chunk may end within a
 * character.
 */
export function splitLines({ maxBytes, onLine, onTooLong }: LineOptions): LineSplitter {
  const held = new Pieces();
  let isCutting = false;
  let isStopped = false;
  let longLine: LongLine | void;

  const flush = () => {
    const line = held.take();
    const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
    onLine(line.toString('utf8', 0, end));
  };

  /** Adds a part of a line that has not ended yet, or handles that it is too long. */
  const hold = (part: Buffer) => {
    if (longLine) return longLine.write(part);
    if (isCutting) return;
    const room = maxBytes - held.size;
    if (part.length <= room) return held.add(part);
    if (onTooLong === 'cut') {
      held.add(part.subarray(0, room));
      flush();
      isCutting = true;
      return;
    }
    longLine = onTooLong();
    isStopped = longLine === undefined;
    for (const piece of [...held.takeAll(), part]) longLine?.write(piece);
  };

  const endLine = () => {
    if (longLine) longLine.end();
    else if (!isCutting) flush();
    longLine = undefined;
    isCutting = false;
  };

  return {
    write(chunk) {
      let start = 0;
      while (!isStopped) {
        const end = chunk.indexOf(NEWLINE, start);
        hold(end === -1 ? chunk.subarray(start) : chunk.subarray(start, end));
        if (end === -1 || isStopped) return;
        endLine();
        start = end + 1;
      }
    },
    skipLine() {
      longLine = undefined;
      held.takeAll();
      isCutting = true;
    },
    end() {
      if (longLine || (!isStopped && held.size > 0)) endLine();
    },
  };
}
