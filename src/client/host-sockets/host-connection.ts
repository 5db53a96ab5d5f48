import { createConnection } from 'node:net';
import { type CallAnswer, type CallFailureDetails, type CallInput } from '../../domain/calls/calls';
import { type ErrorReport } from '../../base/errors';
import { CANCEL_GRACE_MS } from '../../domain/limits';
import { type FromHost, type ToHost } from '../../domain/hosts/socket-frames';
import { type FramePort, type OpenPort, socketPort } from '../../process/frame-port';
import {
  CALL_HEARTBEAT_TIMEOUT_MS,
  CALL_TIMEOUT_MARGIN_MS,
} from '../../domain/calls/call-attempts';
import { MAX_CLIENT_WAIT_MS } from '../../domain/calls/input-requests';

/** Longest frame from a host: the largest message that a server may send, and what is around it. */
const MAX_FRAME_FROM_HOST_BYTES = 513 * 1024 * 1024;

/** Ways in which a direct call ends. */
export type DirectEnd =
  | { type: 'answer'; answer: CallAnswer }
  | { type: 'failure'; error: ErrorReport; details: CallFailureDetails }
  /** It was not sent and did not run: take the durable way. */
  | { type: 'elsewhere' }
  /** It was sent, and how it ended will stay unknown. */
  | { type: 'lost'; reason: string };

/** End of a durable call as its host tells it. */
export interface ToldEnd {
  /** Resolves with the answer once Temporal has it; undefined when Temporal has to be asked. */
  readonly answer: Promise<CallAnswer | undefined>;
  /** Stops waiting for it. */
  forget(): void;
}

export type HostNotification = Extract<FromHost, { type: 'notification' | 'listed' | 'ended' }>;

interface OpenCall {
  /** Time by `performance.now()` after which no answer is expected. */
  giveUpAt: number;
  settle: (end: DirectEnd) => void;
}

/**
 * Time for which the host is trusted to tell how a durable call ends, in ms: Temporal ends calls of a silent host by
 * then, and without the host those that have waited for too long.
 */
const ASK_AFTER_MS = CALL_HEARTBEAT_TIMEOUT_MS;

class AwaitedEnd {
  /** Time by `performance.now()` from which Temporal is asked. */
  readonly askAt: number;
  readonly answer: Promise<CallAnswer | undefined>;
  settle: (answer: CallAnswer | undefined) => void = () => undefined;

  constructor(askAfterMs: number) {
    this.askAt = performance.now() + askAfterMs;
    this.answer = new Promise((resolve) => (this.settle = resolve));
  }
}

/**
 * Interval of one check of all calls, in ms: a timer for each of them would cost more than they do. It also keeps a
 * process from exiting while there are calls, which the socket does not.
 */
const CHECK_INTERVAL_MS = 1_000;

/** A connection to one host. */
export class HostConnection {
  /** Resolves when it is closed, by either side. */
  readonly closed: Promise<void>;
  readonly #port: FramePort;
  readonly #calls = new Map<number, OpenCall>();
  /** By call ID; a call with a key may be submitted by several at once. */
  readonly #awaited = new Map<string, Set<AwaitedEnd>>();
  #lastId = 0;
  #why: string | undefined;
  #checks: NodeJS.Timeout | undefined;

  constructor(
    open: OpenPort,
    private readonly onNotice: (notice: HostNotification) => void,
  ) {
    let close: () => void = () => undefined;
    this.closed = new Promise((resolve) => (close = resolve));
    this.#port = open({
      onFrame: (frame) => this.#take(frame),
      onBroken: (why) => this.#fail(`the host sent an invalid frame: ${why}`),
      onEnd: () => this.#fail('the host closed the connection'),
      onClosed: () => {
        this.#end();
        close();
      },
    });
  }

  /** Connects to a socket; rejects when nothing listens there. */
  static async connect(
    path: string,
    onNotice: (notice: HostNotification) => void,
  ): Promise<HostConnection> {
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    socket.unref();
    const limits = { maxFrameBytes: MAX_FRAME_FROM_HOST_BYTES };
    return new HostConnection(socketPort(socket, limits), onNotice);
  }

  get isOpen(): boolean {
    return this.#why === undefined && this.#port.isOpen;
  }

  send(frame: Exclude<ToHost, { type: 'call' }>): void {
    if (this.isOpen) this.#port.send(frame);
  }

  /** Sends a call; it never rejects. `signal` asks the host to cancel it. */
  call(input: CallInput, signal?: AbortSignal): Promise<DirectEnd> {
    if (!this.isOpen || signal?.aborted) return Promise.resolve({ type: 'elsewhere' });
    const id = ++this.#lastId;
    const cancel = () => this.send({ type: 'cancel', id });
    signal?.addEventListener('abort', cancel, { once: true });
    return new Promise((resolve) => {
      const settle = (end: DirectEnd) => {
        this.#calls.delete(id);
        signal?.removeEventListener('abort', cancel);
        resolve(end);
      };
      // Its clock is stopped while its client has an input request.
      const askingMs = input.origin ? MAX_CLIENT_WAIT_MS : 0;
      const giveUpAt = performance.now() + input.timeoutMs + askingMs + GRACE_MS;
      this.#calls.set(id, { giveUpAt, settle });
      this.#startChecks();
      this.#port.send({ type: 'call', id, input } satisfies ToHost);
    });
  }

  /** Waits for the end of a durable call that is about to be submitted. */
  awaitEnd(server: string, callId: string, queueTimeoutMs: number): ToldEnd {
    const known = this.#awaited.get(callId);
    const waiting = known ?? new Set();
    const end = new AwaitedEnd(Math.min(ASK_AFTER_MS, queueTimeoutMs));
    this.#awaited.set(callId, waiting.add(end));
    this.#startChecks();
    // At once: on a busy machine the call may have ended before the next turn of this process.
    if (!known && this.isOpen)
      this.#port.sendNow({ type: 'await', server, callId } satisfies ToHost);
    return { answer: end.answer, forget: () => this.#askTemporal(callId, end) };
  }

  close(): void {
    this.#fail('the client was closed');
  }

  #take(value: unknown): void {
    const frame = fromHost(value);
    if (frame === undefined) return this.#fail('the host sent an unknown frame');
    if (frame.type === 'notification' || frame.type === 'listed' || frame.type === 'ended') {
      return this.onNotice(frame);
    }
    if (frame.type === 'known') return this.#told(frame.callId, frame.answer);
    if (frame.type === 'bye') return this.#leave(frame.lastId);
    this.#calls.get(frame.id)?.settle(frame); // a call that was given up is not there anymore
  }

  #told(callId: string, answer: CallAnswer | undefined): void {
    const waiting = this.#awaited.get(callId) ?? [];
    this.#awaited.delete(callId);
    for (const { settle } of waiting) settle(answer);
  }

  /** Ends the wait of one of those who wait for a call. */
  #askTemporal(callId: string, end: AwaitedEnd): void {
    const waiting = this.#awaited.get(callId);
    waiting?.delete(end);
    if (waiting?.size === 0) this.#awaited.delete(callId);
    end.settle(undefined);
  }

  /** Handles the end of the host: calls that it has not taken did not run. */
  #leave(lastId: number): void {
    this.#why ??= 'the host has stopped';
    for (const [id, { settle }] of [...this.#calls]) if (id > lastId) settle({ type: 'elsewhere' });
    this.#port.destroy();
  }

  #fail(why: string): void {
    this.#why ??= why;
    this.#port.destroy();
  }

  #end(): void {
    clearInterval(this.#checks);
    this.#why ??= 'the connection to the host was lost';
    for (const { settle } of [...this.#calls.values()]) settle({ type: 'lost', reason: this.#why });
    for (const callId of [...this.#awaited.keys()]) this.#told(callId, undefined);
  }

  #startChecks(): void {
    this.#checks ??= setInterval(() => this.#checkCalls(), CHECK_INTERVAL_MS);
  }

  /** Gives up calls that the host has not ended long after their timeouts: they will not end. */
  #checkCalls(): void {
    const now = performance.now();
    for (const { giveUpAt, settle } of [...this.#calls.values()]) {
      if (giveUpAt < now) settle({ type: 'lost', reason: 'the host is not responding' });
    }
    for (const [callId, waiting] of [...this.#awaited]) {
      for (const end of [...waiting]) if (end.askAt < now) this.#askTemporal(callId, end);
    }
    if (this.#calls.size > 0 || this.#awaited.size > 0) return;
    clearInterval(this.#checks);
    this.#checks = undefined;
  }
}

/** Time beyond the call's own timeout, in ms: the host may cancel it first, and has to report it. */
const GRACE_MS = CALL_TIMEOUT_MARGIN_MS + CANCEL_GRACE_MS;

const TYPES: ReadonlySet<unknown> = new Set<FromHost['type']>([
  'notification',
  'ended',
  'listed',
  'answer',
  'known',
  'failure',
  'elsewhere',
  'bye',
]);

/** Returns the frame of a host. Those of this data directory are ours; only frames of other versions are filtered out. */
function fromHost(value: unknown): FromHost | undefined {
  return isFrame(value) ? value : undefined;
}

function isFrame(value: unknown): value is FromHost {
  return typeof value === 'object' && value !== null && 'type' in value && TYPES.has(value.type);
}
