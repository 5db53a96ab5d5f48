import {
  type JSONRPCMessage,
  type MessageExtraInfo,
  type Transport,
} from '@modelcontextprotocol/client';
import { MainspringError } from '../../base/errors';
import { type LongLine, splitLines } from '../../process/lines';
import { type ProcessGroup } from '../../process/spawn';
import { FairShare, pauseFor } from './fair-share';
import { FrameScan } from './skipped-frame';
import { readFrames, type RefusedFrame, tooLarge } from './accept-frames';
import { type SendHooks, sending } from './request-observer';

/** Limit of frames queued until the server reads on; above it, sends are refused. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** Lines that are not frames, kept for error texts. */
const MAX_JUNK_LINES = 3;
const MAX_JUNK_LINE_LENGTH = 200;
/** Start of each message of a language server. */
const LANGUAGE_SERVER_HEADER = /^Content-Length: *\d+\s*$/i;

interface QueuedFrame {
  frame: string;
  hooks: SendHooks | undefined;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * MCP over stdin and stdout of a process group. The connection manages the processes, not the
 * transport.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  onrefused?: (frame: RefusedFrame) => void;
  onjunk?: (line: string) => void;
  /** Resolves with the reason when nothing can be sent or received anymore. */
  readonly ended: Promise<MainspringError>;
  /** First lines on stdout that were not frames. */
  readonly junk: string[] = [];
  #end: (why: MainspringError) => void = () => undefined;
  readonly #group: ProcessGroup;
  readonly #maxFrameBytes: number;
  readonly #queue: QueuedFrame[] = [];
  #queuedBytes = 0;
  #hasReceived = false;
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
      onTooLong: () => this.#skipLongLine(),
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

  /** Writes text that need not be a frame, for validations of a server. */
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
    // Later output is read and dropped: a full pipe would keep the process from exiting.
    this.#group.stdout.removeAllListeners('data').resume();
    this.#end(why);
    this.onclose?.();
  }

  /**
   * Writes one frame after the other only while the pipe accepts them, so that a frame in the queue
   * is not sent yet.
   */
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
    if (read === 'junk') return this.#skipJunk(line);
    this.#hasReceived = true;
    for (const frame of read.frames) this.onmessage?.(frame);
    for (const frame of read.refused) this.onrefused?.(frame);
  }

  #skipJunk(line: string): void {
    if (line.trim() === '') return;
    if (this.junk.length < MAX_JUNK_LINES) this.junk.push(line.slice(0, MAX_JUNK_LINE_LENGTH));
    this.onjunk?.(line);
    if (this.#hasReceived || !LANGUAGE_SERVER_HEADER.test(line)) return;
    // None of its messages can be read, and it would wait forever for our headers.
    const message =
      'the server sends a Content-Length header before each message, as language servers do; MCP over stdio uses one message per line';
    const fix = 'Ask its author for newline-delimited JSON, or for a mode that speaks MCP.';
    this.fail(new MainspringError('HANDSHAKE_FAILED', message, { fix }));
  }

  /** A line that is too long affects only the request that it answers. */
  #skipLongLine(): LongLine {
    const scan = new FrameScan();
    return {
      write: (piece) => scan.write(piece),
      end: () => this.onrefused?.(tooLarge(scan.head, this.#maxFrameBytes)),
    };
  }
}
