import { type Socket } from 'node:net';
import {
  type FromHost,
  type ServerInterest,
  type ToHost,
} from '../../src/domain/hosts/socket-frames';
import { type JsonLines, jsonLines } from '../../src/process/json-lines';
import { type DirectCall, endInDoubt } from '../calls/direct-call';
import { toHostFrame } from './host-frames';
import {
  type HostNotification,
  type NotificationSubscription,
  type NotificationSource,
} from './server-notifications';

/**
 * Backlog of a client of a host's socket, in bytes, above which it gets no notifications and is not read from until it
 * has caught up.
 */
const MAX_SOCKET_BACKLOG_BYTES = 4 * 1024 * 1024;
/** Longest frame to a host: arguments are bounded, and so are the interests of gateways. */
const MAX_FRAME_TO_HOST_BYTES = 4 * 1024 * 1024;

interface ClientDeps {
  notices: NotificationSource;
  callDirectly: DirectCall;
}

/** Client connected to a host's socket: it gets notifications by its interests, and makes direct calls. */
export class SocketClient {
  readonly #lines: JsonLines;
  readonly #calls = new Map<number, AbortController>();
  #gateway: string | undefined;
  #lastId = 0;
  #isOver = false;
  #interests: Record<string, ServerInterest> = {};
  #listener: NotificationSubscription | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly deps: ClientDeps,
  ) {
    this.#lines = jsonLines(socket, {
      maxBytes: MAX_FRAME_TO_HOST_BYTES,
      onValue: (value) => this.#take(value),
      onBroken: () => socket.destroy(),
    });
    socket.on('drain', () => socket.resume());
  }

  /** Accepts no more calls, and sends that: calls that were not accepted may go elsewhere. */
  bye(): void {
    this.#isOver = true;
    this.#listener?.close();
    this.#send({ type: 'bye', lastId: this.#lastId });
  }

  /** Aborts the calls of the client, which has disconnected. */
  gone(): void {
    this.#listener?.close();
    for (const call of this.#calls.values()) call.abort();
    this.#calls.clear();
  }

  #take(value: unknown): void {
    if (this.#isOver) return;
    const frame = toHostFrame(value);
    if (!frame) return void this.socket.destroy();
    switch (frame.type) {
      case 'hello':
        this.#gateway = frame.gateway;
        return void this.#hear();
      case 'interest':
        this.#interests = frame.servers;
        return this.#hear().setInterests(frame.servers);
      case 'call':
        return void this.#call(frame);
      case 'cancel':
        return this.#calls.get(frame.id)?.abort();
    }
  }

  #hear(): NotificationSubscription {
    this.#listener ??= this.deps.notices.subscribe((notice) => this.#notify(notice));
    return this.#listener;
  }

  async #call({ id, input }: Extract<ToHost, { type: 'call' }>): Promise<void> {
    if (id <= this.#lastId) return void this.socket.destroy();
    this.#lastId = id;
    const cancel = new AbortController();
    this.#calls.set(id, cancel);
    try {
      const end = await this.deps.callDirectly(input, cancel.signal);
      this.#send({ ...end, id });
    } catch (error) {
      this.#send({ ...endInDoubt(error, input), id }); // its answer is not valid JSON, or worse
    } finally {
      this.#calls.delete(id);
    }
  }

  /** Sends a frame. A client that does not read must not cost the host its memory: it loses notifications, and its calls wait. */
  #send(frame: FromHost): void {
    this.#lines.send(JSON.stringify(frame));
    if (this.#lines.backlog > MAX_SOCKET_BACKLOG_BYTES) this.socket.pause();
  }

  #notify(notice: HostNotification): void {
    if (!this.#wants(notice) || this.#lines.backlog > MAX_SOCKET_BACKLOG_BYTES) return;
    this.#send(frameOf(notice));
  }

  #wants(notice: HostNotification): boolean {
    if (notice.type === 'listed') return true;
    if (notice.type === 'ended' || notice.callId !== undefined) {
      return notice.gateway !== undefined && notice.gateway === this.#gateway;
    }
    if (!Object.hasOwn(this.#interests, notice.server)) return false;
    const interest = this.#interests[notice.server];
    return interest !== undefined && isWanted(interest, notice);
  }
}

type Notification = Extract<HostNotification, { type: 'notification' }>;

function isWanted(interest: ServerInterest, { method, params }: Notification): boolean {
  if (method === 'notifications/message') return interest.logLevel !== undefined;
  if (method !== 'notifications/resources/updated') return true;
  const { uri } = params;
  return typeof uri === 'string' && interest.resources.includes(uri);
}

function frameOf(notice: HostNotification): FromHost {
  switch (notice.type) {
    case 'notification': {
      const { gateway: _gateway, ...frame } = notice;
      return frame;
    }
    case 'listed':
      return notice;
    case 'ended':
      return { type: 'ended', callId: notice.callId };
  }
}
