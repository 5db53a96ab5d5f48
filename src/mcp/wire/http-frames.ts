import { Pieces } from '../../base/pieces';
import { FrameScan } from './skipped-frame';
import { type Frames, readFrames, type RefusedFrame, tooLarge } from './accept-frames';

/** Filters a body piece by piece before it reaches the SDK. */
export interface BodyFilter {
  /** Returns the parts that can be passed on now, if any. */
  write(piece: Uint8Array): Uint8Array[];
  end(): Uint8Array[];
}

interface FilterOptions {
  /** Largest message. */
  maxBytes: number;
  /** Called with each message that was not passed on. */
  onRefused: (frame: RefusedFrame) => void;
}

/** Filters a body that is one JSON document. If none of it is accepted, nothing is passed on. */
export function jsonBody({ maxBytes, onRefused }: FilterOptions): BodyFilter {
  const held = new Pieces();
  let scan: FrameScan | undefined;
  return {
    write(piece) {
      if (scan) scan.write(piece);
      else held.add(piece);
      if (held.size > maxBytes) scan = scanOf(held);
      return [];
    },
    end() {
      if (scan) {
        onRefused(tooLarge(scan.head, maxBytes));
        return [];
      }
      const body = held.take();
      const read = readFrames(body.toString());
      if (read === 'junk') return [body]; // the SDK reports it
      read.refused.forEach(onRefused);
      return read.isChanged ? rewritten(read) : [body];
    },
  };
}

/** Scans a message that has become too large to be held. */
function scanOf(held: Pieces): FrameScan {
  const scan = new FrameScan();
  for (const piece of held.takeAll()) scan.write(piece);
  return scan;
}

/** Passes on the beginning of a body that is not a message. */
export function firstBytes(maxBytes: number): BodyFilter {
  let left = maxBytes;
  return {
    write(piece) {
      const taken = piece.subarray(0, left);
      left -= taken.length;
      return taken.length > 0 ? [taken] : [];
    },
    end: () => [],
  };
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Filters a stream of events (WHATWG HTML, server-sent events). Each event is held until it is
 * complete; otherwise the SDK would hold it.
 */
export function eventStream({ maxBytes, onRefused }: FilterOptions): BodyFilter {
  const held = new Pieces();
  let scan: FrameScan | undefined;
  /** Whether the current line is empty; an empty line ends an event. */
  let isLineEmpty = true;
  let isAfterReturn = false;

  const hold = (part: Buffer) => {
    if (scan) return scan.write(part);
    held.add(part);
    if (held.size > maxBytes) scan = scanOf(held);
  };

  const endEvent = (): Uint8Array[] => {
    const event = held.take();
    const head = scan?.head;
    scan = undefined;
    if (!head) return takenEvent(event, onRefused);
    onRefused(tooLarge(head, maxBytes));
    return [];
  };

  return {
    write(piece) {
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      const taken: Uint8Array[] = [];
      let start = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at];
        const isSecondHalf = byte === LINE_FEED && isAfterReturn;
        isAfterReturn = byte === CARRIAGE_RETURN;
        if (isSecondHalf) continue;
        const isEnd = byte === LINE_FEED || byte === CARRIAGE_RETURN;
        if (isEnd && isLineEmpty) {
          hold(bytes.subarray(start, at + 1));
          start = at + 1;
          taken.push(...endEvent());
        }
        isLineEmpty = isEnd;
      }
      hold(bytes.subarray(start));
      return taken;
    },
    // The SDK drops an incomplete event.
    end: () => (scan || held.size > 0 ? endEvent() : []),
  };
}

/** Returns an event as the SDK may see it; one without a message is passed on unchanged. */
function takenEvent(event: Buffer, onRefused: FilterOptions['onRefused']): Uint8Array[] {
  const lines = event.toString().split(/\r\n|\r|\n/);
  const type = valuesOf(lines, 'event').at(-1) ?? 'message';
  const data = valuesOf(lines, 'data');
  if (type !== 'message' || data.length === 0) return [event];
  const read = readFrames(data.join('\n'));
  if (read === 'junk') return [event];
  read.refused.forEach(onRefused);
  if (!read.isChanged) return [event];
  const others = lines.filter((line) => line !== '' && !isField(line, 'data'));
  // The event ID is kept: a resumed stream must not send the event again.
  const kept = rewritten(read).map((text) => `data: ${text.toString()}`);
  return [Buffer.from(`${[...others, ...kept].join('\n')}\n\n`)];
}

function rewritten({ frames }: Frames): Buffer[] {
  if (frames.length === 0) return [];
  return [Buffer.from(JSON.stringify(frames.length === 1 ? frames[0] : frames))];
}

function valuesOf(lines: string[], field: string): string[] {
  return lines
    .filter((line) => isField(line, field))
    .map((line) => line.slice(field.length + 1).replace(/^ /, ''));
}

const isField = (line: string, field: string) => line === field || line.startsWith(`${field}:`);
