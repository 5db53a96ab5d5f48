import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { Duplex, Transform } from 'node:stream';
import { FrameScan } from './frame-scan';
import { type RefusedFrame, tooLarge } from './frames';

const END_OF_HEADERS = '\r\n\r\n';
const FIN = 0x80;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
/** RFC 6455, 5.2: these in place of a length announce one of 2 or 8 bytes. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const FIRST_CONTROL = 0x8;

interface LimitOptions {
  /** Largest message, in bytes. */
  maxBytes: number;
  onRefused: (frame: RefusedFrame) => void;
}

/**
 * Makes connections to a WebSocket server that lack its messages over the limit: they are passed over in constant memory, where the
 * protocol's own answer (1009) would end the connection and with it all calls on it.
 */
export function limitedAgent(url: string, limit: LimitOptions): Agent {
  const agent = new URL(url).protocol === 'wss:' ? new TlsAgent() : new Agent();
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options: Parameters<typeof connect>[0]) => {
    const socket = connect(options);
    return socket && withoutLargeMessages(socket, limit);
  };
  return agent;
}

function withoutLargeMessages(socket: Duplex, options: LimitOptions): Duplex {
  const messages = new Messages(options);
  const inbound = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const piece of messages.take(chunk)) this.push(piece);
      done();
    },
  });
  socket.pipe(inbound);
  const limited = Duplex.from({ readable: inbound, writable: socket });
  socket.once('error', (error) => limited.destroy(error));
  socket.once('close', () => limited.destroy());
  limited.once('close', () => socket.destroy());
  return limited;
}

/** Follows the frames of RFC 6455 from a server, after the HTTP headers before them. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  /** What is not understood is left to the library. */
  #isOdd = false;
  /** Of the frame that is being read. */
  #left = 0;
  #isControl = false;
  #isLast = true;
  /** Of the message that is being read: its pieces while it comes in more than one frame, and what was looked at once it is too large. */
  #isFragmented = false;
  #size = 0;
  #held: Buffer[] = [];
  #payloads: Buffer[] = [];
  #scan: FrameScan | undefined;

  constructor(private readonly options: LimitOptions) {}

  /** What of it may go on. */
  take(chunk: Buffer): Buffer[] {
    const taken: Buffer[] = [];
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (rest.length > 0) {
      const used = this.#step(rest, taken);
      if (used === 0) break;
      rest = rest.subarray(used);
    }
    this.#rest = rest;
    return taken;
  }

  /** How many bytes were used; 0 when more are needed. */
  #step(bytes: Buffer, taken: Buffer[]): number {
    if (this.#isOdd) return taken.push(bytes) && bytes.length;
    if (!this.#isUpgraded) return this.#headers(bytes, taken);
    if (this.#left > 0) return this.#payload(bytes, taken);
    return this.#frame(bytes, taken);
  }

  #headers(bytes: Buffer, taken: Buffer[]): number {
    const end = bytes.indexOf(END_OF_HEADERS);
    if (end === -1) {
      // A little is kept back, in which the end may have begun.
      const used = Math.max(0, bytes.length - END_OF_HEADERS.length);
      if (used > 0) taken.push(bytes.subarray(0, used));
      return used;
    }
    this.#isUpgraded = true;
    const used = end + END_OF_HEADERS.length;
    taken.push(bytes.subarray(0, used));
    return used;
  }

  #frame(bytes: Buffer, taken: Buffer[]): number {
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return 0;
    const short = second & LENGTH;
    const extra = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
    if (bytes.length < 2 + extra) return 0;
    if (second & MASKED) {
      this.#isOdd = true; // RFC 6455, 5.1: a server must not
      return this.#step(bytes, taken);
    }
    this.#left = lengthIn(bytes, short);
    this.#isControl = (first & OPCODE) >= FIRST_CONTROL;
    if (!this.#isControl) this.#begin(first);
    const header = bytes.subarray(0, 2 + extra);
    this.#pass(header, taken);
    if (this.#left === 0) this.#endFrame(taken);
    return header.length;
  }

  #begin(first: number): void {
    this.#isLast = (first & FIN) !== 0;
    if ((first & OPCODE) !== 0) {
      this.#size = 0;
      this.#isFragmented = !this.#isLast;
    }
    this.#size += this.#left;
    if (this.#size <= this.options.maxBytes || this.#scan) return;
    this.#scan = new FrameScan();
    for (const payload of this.#payloads.splice(0)) this.#scan.write(payload);
    this.#held = [];
  }

  #payload(bytes: Buffer, taken: Buffer[]): number {
    const part = bytes.subarray(0, this.#left);
    this.#left -= part.length;
    if (this.#isControl || !this.#scan) {
      if (!this.#isControl && this.#isFragmented) this.#payloads.push(part);
      this.#pass(part, taken);
    } else this.#scan.write(part);
    if (this.#left === 0) this.#endFrame(taken);
    return part.length;
  }

  /** Control frames may come between those of a message, and overtake them. */
  #pass(part: Buffer, taken: Buffer[]): void {
    if (this.#isControl || (!this.#isFragmented && !this.#scan)) taken.push(part);
    else if (!this.#scan) this.#held.push(part);
  }

  #endFrame(taken: Buffer[]): void {
    if (this.#isControl || !this.#isLast) return;
    const { maxBytes, onRefused } = this.options;
    if (this.#scan) onRefused(tooLarge(this.#scan.head, maxBytes));
    taken.push(...this.#held);
    this.#held = [];
    this.#payloads = [];
    this.#scan = undefined;
  }
}

function lengthIn(bytes: Buffer, short: number): number {
  if (short === LENGTH_16) return bytes.readUInt16BE(2);
  return short === LENGTH_64 ? Number(bytes.readBigUInt64BE(2)) : short;
}
