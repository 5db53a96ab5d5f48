import {
  type JSONRPCMessage,
  type MessageExtraInfo,
  type Transport,
} from '@modelcontextprotocol/client';
import { MainspringError } from '../../base/errors';
import { type LongLine, splitLines } from '../../process/lines';
import { type ProcessGroup } from '../../process/spawn';
import { FairShare, pauseFor } from './fair-share';
import { FrameScan } from './frame-scan';
import { readFrames, type RefusedFrame, tooLarge } from './frames';
import { type SendHooks, sending } from './request-observer';

/** Frames that wait until the server reads on; beyond it sends are refused. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** Lines that are no frames, kept for error texts. */
const MAX_JUNK_LINES = 3;
const MAX_JUNK_LINE_LENGTH = 200;
/** How language servers begin each message. */
const LANGUAGE_SERVER_HEADER = /^Content-Length: *\d+\s*$/i;

interface QueuedFrame {
  frame: string;
  hooks: SendHooks | undefined;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** MCP on stdin and stdout of a process group. The group's life is the connection's business, not the transport's. */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  onrefused?: (frame: RefusedFrame) => void;
  onjunk?: (line: string) => void;
  /** Resolves with why nothing can be sent or received any more. */
  readonly ended: Promise<MainspringError>;
  /** The first lines on stdout that were no frames. */
  readonly junk: string[] = [];
  #end: (why: MainspringError) => void = () => undefined;
  readonly #group: ProcessGroup;
  readonly #maxFrameBytes: number;
  readonly #queue: QueuedFrame[] = [];
  #queuedBytes = 0;
  #hasHeard = false;
  #why: MainspringError | undefined;

  constructor(group: ProcessGroup, maxFrameBytes: number) {
    this.#group = group;
    this.#maxFrameBytes = maxFrameBytes;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  async start(): Promise<void> {
    const { stdin, stdout } = this.#group;
    const lines = splitLines({
      maxBytes: this.#maxFrameBytes,
      onLine: (line) => this.#receive(line),
      onTooLong: () => this.#passOver(),
    });
    const share = new FairShare();
    stdout.on('data', (chunk: Buffer) => {
      pauseFor(
        stdout,
        share.take(() => lines.write(chunk)),
      );
    });
    stdout.on('end', () => {
      lines.end();
      this.fail(new MainspringError('CONNECTION_LOST', 'the server closed its stdout'));
    });
    stdin.on('drain', () => this.#pump());
    stdin.on('error', () => {
      this.fail(new MainspringError('CONNECTION_LOST', 'the server closed its stdin'));
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    const frame = `${JSON.stringify(message)}\n`;
    const hooks = sending.getStore();
    return new Promise((resolve, reject) => {
      if (this.#why) return reject(this.#why);
      if (this.#queuedBytes + frame.length > MAX_QUEUED_BYTES) {
        return reject(new MainspringError('CONNECTION_LOST', 'the server does not read its stdin'));
      }
      this.#queue.push({ frame, hooks, resolve, reject });
      this.#queuedBytes += frame.length;
      this.#pump();
    });
  }

  /** For tests of a server: text that need not be a frame. */
  writeRaw(text: string): void {
    if (!this.#why) this.#group.stdin.write(text);
  }

  async close(): Promise<void> {
    this.fail(new MainspringError('CONNECTION_LOST', 'the connection was closed'));
  }

  get why(): MainspringError | undefined {
    return this.#why;
  }

  /** Ends the transport; the first reason wins. */
  fail(why: MainspringError): void {
    if (this.#why) return;
    this.#why = why;
    for (const { reject } of this.#queue.splice(0)) reject(why);
    // Whatever still comes is read and dropped: a full pipe would keep the process from ending by itself.
    this.#group.stdout.removeAllListeners('data').resume();
    this.#end(why);
    this.onclose?.();
  }

  /** Hands on one frame after the other only while the pipe takes them, so that a frame in the queue is not sent yet. */
  #pump(): void {
    const { stdin } = this.#group;
    while (!stdin.writableNeedDrain) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#queuedBytes -= next.frame.length;
      try {
        next.hooks?.beforeFirstByte();
        stdin.write(next.frame);
        next.resolve();
      } catch (refusal) {
        next.reject(refusal);
      }
    }
  }

  #receive(line: string): void {
    const read = readFrames(line);
    if (read === 'junk') return this.#passBy(line);
    this.#hasHeard = true;
    for (const frame of read.frames) this.onmessage?.(frame);
    for (const frame of read.refused) this.onrefused?.(frame);
  }

  #passBy(line: string): void {
    if (line.trim() === '') return;
    if (this.junk.length < MAX_JUNK_LINES) this.junk.push(line.slice(0, MAX_JUNK_LINE_LENGTH));
    this.onjunk?.(line);
    if (this.#hasHeard || !LANGUAGE_SERVER_HEADER.test(line)) return;
    // Nothing of it could be read, and it would wait for ever for headers of ours.
    const message =
      'the server sends a Content-Length header before each message, as language servers do; MCP over stdio uses one message per line';
    const fix = 'Ask its author for newline-delimited JSON, or for a mode that speaks MCP.';
    this.fail(new MainspringError('HANDSHAKE_FAILED', message, { fix }));
  }

  /** A line that is too long costs only what it answers. */
  #passOver(): LongLine {
    const scan = new FrameScan();
    return {
      write: (piece) => scan.write(piece),
      end: () => this.onrefused?.(tooLarge(scan.head, this.#maxFrameBytes)),
    };
  }
}
