import {
  type FromHost,
  type ServerInterest,
  type ToHost,
} from '../../src/domain/hosts/socket-frames';
import { type FramePort, type OpenPort } from '../../src/process/frame-port';
import { type AwaitedCalls } from '../calls/awaited-calls';
import { type DirectCall, endInDoubt } from '../calls/direct-call';
import { toHostFrame } from './host-frames';
import {
  type HostNotification,
  type NotificationSubscription,
  type NotificationSource,
} from './server-notifications';

/** Calls of one client whose ends it may wait for; beyond that it has to ask Temporal for those that began first. */
const MAX_AWAITED_CALLS = 10_000;

export interface ClientDeps {
  notices: NotificationSource;
  callDirectly: DirectCall;
  awaited: AwaitedCalls;
  /** Whether this host owns the server now. */
  owns: (server: string) => boolean;
}

/** Client connected to a host: it gets notifications by its interests, and makes direct calls. */
export class SocketClient {
  readonly #port: FramePort;
  readonly #calls = new Map<number, AbortController>();
  /** Withdraws the waiting for each of these calls. */
  readonly #awaited = new Map<string, () => void>();
  #gateway: string | undefined;
  #lastId = 0;
  #isOver = false;
  #interests: Record<string, ServerInterest> = {};
  #listener: NotificationSubscription | undefined;

  /** @param onGone - called when it has disconnected */
  constructor(
    open: OpenPort,
    private readonly deps: ClientDeps,
    onGone: () => void,
  ) {
    this.#port = open({
      onFrame: (frame) => this.#take(frame),
      onBroken: () => this.#port.destroy(),
      onClosed: () => {
        this.#gone();
        onGone();
      },
    });
  }

  /** Accepts no more calls, and sends that: calls that were not accepted may go elsewhere. */
  bye(): void {
    this.#isOver = true;
    this.#listener?.close();
    this.#send({ type: 'bye', lastId: this.#lastId });
  }

  /** Disconnects it once it has got what was sent. */
  end(): void {
    this.#port.end();
  }

  /** Disconnects it now. */
  destroy(): void {
    this.#port.destroy();
  }

  /** Aborts the calls of the client, which has disconnected. */
  #gone(): void {
    this.#listener?.close();
    for (const call of this.#calls.values()) call.abort();
    this.#calls.clear();
    for (const withdraw of this.#awaited.values()) withdraw();
    this.#awaited.clear();
  }

  #take(value: unknown): void {
    if (this.#isOver) return;
    const frame = toHostFrame(value);
    if (!frame) return this.#port.destroy();
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
      case 'await':
        return this.#await(frame);
    }
  }

  #await({ server, callId }: Extract<ToHost, { type: 'await' }>): void {
    if (!this.deps.owns(server)) return this.#send({ type: 'known', callId });
    this.#awaited.get(callId)?.();
    const withdraw = this.deps.awaited.wait(server, callId, (answer) => {
      this.#awaited.delete(callId);
      // Temporal keeps the answer for a client that does not read.
      this.#send({ type: 'known', callId, answer: this.#port.isBehind ? undefined : answer });
    });
    if (!withdraw) return this.#send({ type: 'known', callId });
    this.#awaited.set(callId, withdraw);
    const [oldest] = this.#awaited;
    if (this.#awaited.size <= MAX_AWAITED_CALLS || !oldest) return;
    oldest[1]();
    this.#awaited.delete(oldest[0]);
    this.#send({ type: 'known', callId: oldest[0] });
  }

  #hear(): NotificationSubscription {
    this.#listener ??= this.deps.notices.subscribe((notice) => this.#notify(notice));
    return this.#listener;
  }

  async #call({ id, input }: Extract<ToHost, { type: 'call' }>): Promise<void> {
    if (id <= this.#lastId) return this.#port.destroy();
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
    this.#port.send(frame);
  }

  #notify(notice: HostNotification): void {
    if (!this.#wants(notice) || this.#port.isBehind) return;
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
