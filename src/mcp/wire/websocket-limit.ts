import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { proxyOf } from '../../net/proxy';
import { openTunnel } from '../../net/tunnel';
import { Duplex, Transform } from 'node:stream';
import { Pieces } from '../../base/pieces';
import { FrameScan } from './skipped-frame';
import { type RefusedFrame, tooLarge } from './accept-frames';

const END_OF_HEADERS = '\r\n\r\n';
const FIN = 0x80;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
/** RFC 6455, 5.2: instead of a length, these announce one of 2 or 8 bytes. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const FIRST_CONTROL = 0x8;

interface LimitOptions {
  /** Largest message, in bytes. */
  maxBytes: number;
  onRefused: (frame: RefusedFrame) => void;
}

/**
 * Creates connections to a WebSocket server without its messages over the limit. They are skipped
 * in constant memory; the protocol's own answer (1009) would end the connection and with it all its
 * calls.
 */
export function limitedAgent(url: string, limit: LimitOptions): Agent {
  const target = new URL(url);
  const agent = target.protocol === 'wss:' ? new TlsAgent() : new Agent();
  const connect = agent.createConnection.bind(agent);
  const proxy = proxyOf(target);
  agent.createConnection = (options: Parameters<typeof connect>[0], done) => {
    if (!proxy) {
      const socket = connect(options);
      return socket && withoutLargeMessages(socket, limit);
    }
    tunnelled(proxy, target).then(
      (socket) => done?.(null, withoutLargeMessages(socket, limit)),
      (error: Error) => done?.(error, new Duplex()),
    );
    return undefined;
  };
  return agent;
}

async function tunnelled(proxy: URL, target: URL): Promise<Duplex> {
  const socket = await openTunnel(proxy, target);
  if (target.protocol !== 'wss:') return socket;
  return connectTls({ socket, servername: target.hostname });
}

function withoutLargeMessages(socket: Duplex, options: LimitOptions): Duplex {
  const messages = new MessageFilter(options);
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

/** Message that comes in several frames. */
interface FragmentedMessage {
  /** Opcode (text or binary) and extension bits of its first frame. */
  first: number;
  /** Content received so far; empty once it is too large. */
  held: Pieces;
  scan: FrameScan;
  isTooLarge: boolean;
}

/**
 * Filters the frames of RFC 6455 from a server, after the HTTP headers before them. A message in
 * several frames is passed on as one frame: each frame would cost more than its content, and there
 * may be any number of empty ones.
 */
class MessageFilter {
  #rest: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  /** Set once the input is not understood: the rest is left to the library. */
  #isPassthrough = false;
  /** Remaining bytes of the current frame. */
  #left = 0;
  #isControl = false;
  #isLast = true;
  #fragmented: FragmentedMessage | undefined;
  /** Scan of a message in one frame that is too large. */
  #scan: FrameScan | undefined;

  constructor(private readonly options: LimitOptions) {}

  /** Returns the parts of a chunk that may be passed on. */
  take(chunk: Buffer): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (rest.length > 0) {
      const used = this.#step(rest, taken);
      if (used === 0) break;
      rest = rest.subarray(used);
    }
    this.#rest = rest;
    return taken;
  }

  /** Returns how many bytes were used; 0 if more are needed. */
  #step(bytes: Buffer, taken: Uint8Array[]): number {
    if (this.#isPassthrough) return taken.push(bytes) && bytes.length;
    if (!this.#isUpgraded) return this.#headers(bytes, taken);
    if (this.#left > 0) return this.#payload(bytes, taken);
    return this.#frame(bytes, taken);
  }

  #headers(bytes: Buffer, taken: Uint8Array[]): number {
    const end = bytes.indexOf(END_OF_HEADERS);
    if (end === -1) {
      // A few bytes are kept back, in which the end may have begun.
      const used = Math.max(0, bytes.length - END_OF_HEADERS.length);
      if (used > 0) taken.push(bytes.subarray(0, used));
      return used;
    }
    this.#isUpgraded = true;
    const used = end + END_OF_HEADERS.length;
    taken.push(bytes.subarray(0, used));
    return used;
  }

  #frame(bytes: Buffer, taken: Uint8Array[]): number {
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return 0;
    const short = second & LENGTH;
    const extra = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
    if (bytes.length < 2 + extra) return 0;
    const isControl = (first & OPCODE) >= FIRST_CONTROL;
    const isFirst = (first & OPCODE) !== 0;
    // RFC 6455, 5.1 and 5.4: frames that a server must not send, for which the library ends the
    // connection.
    if (second & MASKED || (!isControl && isFirst === (this.#fragmented !== undefined))) {
      this.#isPassthrough = true;
      return this.#step(bytes, taken);
    }
    const header = bytes.subarray(0, 2 + extra);
    this.#left = lengthIn(bytes, short);
    this.#isControl = isControl;
    if (isControl) taken.push(header);
    else this.#begin(first, header, taken);
    if (this.#left === 0) this.#endFrame(taken);
    return header.length;
  }

  #begin(first: number, header: Buffer, taken: Uint8Array[]): void {
    this.#isLast = (first & FIN) !== 0;
    const { maxBytes } = this.options;
    if (this.#isLast && !this.#fragmented) {
      if (this.#left > maxBytes) this.#scan = new FrameScan();
      else taken.push(header);
      return;
    }
    this.#fragmented ??= {
      first: first | FIN,
      held: new Pieces(),
      scan: new FrameScan(),
      isTooLarge: false,
    };
    const { held } = this.#fragmented;
    if (held.size + this.#left <= maxBytes) return;
    this.#fragmented.isTooLarge = true;
    held.takeAll();
  }

  #payload(bytes: Buffer, taken: Uint8Array[]): number {
    const part = bytes.subarray(0, this.#left);
    this.#left -= part.length;
    if (this.#isControl) taken.push(part);
    else if (this.#fragmented) {
      this.#fragmented.scan.write(part);
      if (!this.#fragmented.isTooLarge) this.#fragmented.held.add(part);
    } else if (this.#scan) this.#scan.write(part);
    else taken.push(part);
    if (this.#left === 0) this.#endFrame(taken);
    return part.length;
  }

  #endFrame(taken: Uint8Array[]): void {
    if (this.#isControl || !this.#isLast) return;
    const { maxBytes, onRefused } = this.options;
    const message = this.#fragmented;
    const scan = message?.scan ?? this.#scan;
    if (message && !message.isTooLarge) {
      const { first, held } = message;
      taken.push(headerOf(first, held.size), held.take());
    } else if (scan) onRefused(tooLarge(scan.head, maxBytes));
    this.#fragmented = undefined;
    this.#scan = undefined;
  }
}

/** Writes the header of a frame from a server. */
function headerOf(first: number, length: number): Buffer {
  const header = Buffer.alloc(2 + 8);
  header.writeUInt8(first, 0);
  header.writeUInt8(LENGTH_64, 1);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

function lengthIn(bytes: Buffer, short: number): number {
  if (short === LENGTH_16) return bytes.readUInt16BE(2);
  return short === LENGTH_64 ? Number(bytes.readBigUInt64BE(2)) : short;
}
