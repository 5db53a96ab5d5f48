import {
  type JSONRPCMessage,
  type MessageExtraInfo,
  type Transport,
} from '@modelcontextprotocol/client';
import WebSocket from 'ws';
import { type RemoteSpec } from '../../domain/spec';
import { MainspringError } from '../../base/errors';
import {
  type Authorization,
  type AuthorizedResponse,
  sendAuthorized,
} from '../session/authorization';
import { FairShare, pauseFor } from './fair-share';
import { readFrames, type RefusedFrame } from './accept-frames';
import { sending } from './request-observer';
import { limitedAgent } from './websocket-limit';

const SUBPROTOCOL = 'mcp';
/** Limit of bytes that wait for the network; above it, sends are refused. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 1_000;
const SWITCHING_PROTOCOLS = 101;

/** MCP over a WebSocket, one message per frame. */
export class WebSocketTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  onrefused?: (frame: RefusedFrame) => void;
  /** Resolves with the reason when nothing can be sent or received anymore. */
  readonly ended: Promise<MainspringError>;
  #end: (why: MainspringError) => void = () => undefined;
  readonly #remote: RemoteSpec;
  readonly #maxFrameBytes: number;
  readonly #authorization: Authorization | undefined;
  #socket: WebSocket | undefined;
  #why: MainspringError | undefined;

  constructor(remote: RemoteSpec, maxFrameBytes: number, authorization?: Authorization) {
    this.#remote = remote;
    this.#authorization = authorization;
    this.#maxFrameBytes = maxFrameBytes;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  async start(): Promise<void> {
    try {
      const { failure } = await sendAuthorized(this.#authorization, (header) => this.#open(header));
      if (failure) throw failure;
    } catch (error) {
      const isOurs = error instanceof MainspringError;
      const why = error instanceof Error ? error.message : String(error);
      this.fail(isOurs ? error : new MainspringError('CONNECTION_LOST', why, { cause: error }));
      throw error;
    }
  }

  /** Resolves with the server's answer to the upgrade request; throws if there was none. */
  #open(authorization: string | undefined): Promise<AuthorizedResponse & { failure?: Error }> {
    const socket = new WebSocket(this.#remote.url, SUBPROTOCOL, {
      headers: { ...this.#remote.headers, ...(authorization && { authorization }) },
      perMessageDeflate: false,
      agent: limitedAgent(this.#remote.url, {
        maxBytes: this.#maxFrameBytes,
        onRefused: (frame) => this.onrefused?.(frame),
      }),
    });
    this.#socket = socket;
    const share = new FairShare();
    socket.on('message', (data) => {
      pauseFor(
        socket,
        share.take(() => this.#receive(textOf(data))),
      );
    });
    const discard = async () => undefined;
    let isRefused = false;
    return new Promise((resolve, reject) => {
      socket.once('unexpected-response', (request, { statusCode: status = 0, headers }) => {
        isRefused = true;
        request.destroy();
        const failure = new Error(`Unexpected server response: ${status}`);
        resolve({ status, challenge: headers['www-authenticate'] ?? '', discard, failure });
      });
      socket.once('open', () => {
        socket.on('close', (code, reason) => this.#closed(code, reason.toString()));
        resolve({ status: SWITCHING_PROTOCOLS, challenge: '', discard });
      });
      socket.on('error', (error) => {
        reject(error);
        if (isRefused) return;
        this.fail(new MainspringError('CONNECTION_LOST', error.message, { cause: error }));
      });
    });
  }

  #closed(code: number, reason: string): void {
    const details = reason === '' ? String(code) : `${code}: ${reason}`;
    this.fail(
      new MainspringError('CONNECTION_LOST', `the server closed the WebSocket (${details})`),
    );
  }

  send(message: JSONRPCMessage): Promise<void> {
    const socket = this.#socket;
    if (this.#why) return Promise.reject(this.#why);
    if (socket === undefined || socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      const refusal = 'the server does not read from the WebSocket';
      return Promise.reject(new MainspringError('CONNECTION_LOST', refusal));
    }
    return new Promise((resolve, reject) => {
      sending.getStore()?.beforeFirstByte();
      socket.send(JSON.stringify(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.fail(new MainspringError('CONNECTION_LOST', 'the connection was closed'));
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
    socket.close();
    await closed;
    clearTimeout(timer);
  }

  get why(): MainspringError | undefined {
    return this.#why;
  }

  /** Ends the transport; the first reason wins. */
  fail(why: MainspringError): void {
    if (this.#why) return;
    this.#why = why;
    this.#end(why);
    this.onclose?.();
  }

  #receive(text: string): void {
    if (this.#why) return;
    const read = readFrames(text);
    if (read === 'junk') return this.onrefused?.({ why: 'is not JSON-RPC' });
    for (const frame of read.frames) this.onmessage?.(frame);
    for (const frame of read.refused) this.onrefused?.(frame);
  }
}

function textOf(data: WebSocket.RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString();
}
