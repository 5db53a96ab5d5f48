import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import { type CallInput } from '../../domain/calls/calls';
import { type ServerInterest } from '../../domain/hosts/socket-frames';
import { hostsFolder } from '../../process/group-records';
import { localHosts } from '../../process/local-hosts';
import { findSocket, hostOfSocket, socketHosts } from '../../process/unix-socket';
import {
  type DirectEnd,
  type HostNotification,
  HostConnection,
  type ToldEnd,
} from './host-connection';
import { EndedCalls } from '../calls/ended-calls';
import { Interests } from './interests';
import { pause } from '../../async/pause';

/** First pause between attempts to reach a host whose socket exists, in ms; doubles. */
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

/**
 * Sockets of the hosts of a data directory: direct calls go out, and notifications of servers come in. Nothing is
 * opened before it is needed. A host in this process is reached without its socket.
 */
export class HostSockets {
  readonly #open = new Map<string, HostConnection>();
  readonly #opening = new Map<string, Promise<HostConnection | undefined>>();
  /** Hosts to which a connection is kept. */
  readonly #connected = new Set<string>();
  readonly #listeners = new Set<(notice: HostNotification) => void>();
  readonly #connectListeners = new Set<(hostId: string) => void>();
  readonly #interests = new Interests();
  readonly #ended = new EndedCalls();
  readonly #closed = new AbortController();
  #watcher: FSWatcher | undefined;
  #gateway: string | undefined;

  constructor(private readonly home: string) {}

  /** Receives from now on the notifications of calls whose origin is this gateway; without it none of them arrive. */
  listenAs(gateway: string): void {
    this.#gateway = gateway;
    this.#watch();
    for (const socket of this.#open.values()) this.#introduce(socket);
  }

  /**
   * Calls back for every notification of a server that somebody is interested in; returns a function that ends that. It
   * may miss some.
   */
  onNotice(listener: (notice: HostNotification) => void): () => void {
    this.#listeners.add(listener);
    this.#watch();
    return () => void this.#listeners.delete(listener);
  }

  /** Calls back when a host is connected, perhaps again: its earlier notifications were missed. */
  onConnect(listener: (hostId: string) => void): () => void {
    this.#connectListeners.add(listener);
    this.#watch();
    return () => void this.#connectListeners.delete(listener);
  }

  /** Sets the interests of this consumer, replacing the previous ones; hosts get the interests of all combined. */
  setInterest(consumer: string, servers: Record<string, ServerInterest>): void {
    if (!this.#interests.set(consumer, servers)) return;
    this.#watch();
    for (const socket of this.#open.values()) this.#introduce(socket);
  }

  /** Waits until everything has come that the server said during this call, or `maxMs` are over. */
  ended(callId: string, maxMs: number): Promise<void> {
    return this.#ended.wait(callId, maxMs);
  }

  /** Whether the host has its socket in this data directory. */
  has(hostId: string): boolean {
    return this.#open.get(hostId)?.isOpen === true || findSocket(this.home, hostId) !== undefined;
  }

  /** Makes a direct call; never rejects. */
  call(
    hostId: string,
    input: CallInput,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<DirectEnd> {
    const open = this.#open.get(hostId);
    if (open?.isOpen) return open.call(input, signal);
    return this.#connect(hostId).then(
      (socket) => socket?.call(input, signal) ?? { type: 'elsewhere' },
    );
  }

  /**
   * Waits for the end of a durable call that is about to be submitted, as its host tells it. Undefined while there is no
   * connection to the host; this opens one for the calls that follow.
   */
  awaitEnd(
    hostId: string,
    call: { server: string; callId: string; queueTimeoutMs: number },
  ): ToldEnd | undefined {
    const open = this.#open.get(hostId);
    if (open?.isOpen) return open.awaitEnd(call.server, call.callId, call.queueTimeoutMs);
    void this.#connect(hostId);
    return undefined;
  }

  /** Closes all connections: direct calls under way end as unknown. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#watcher?.close();
    this.#ended.close();
    await Promise.all(this.#opening.values());
    const open = [...this.#open.values()];
    for (const socket of open) socket.close();
    await Promise.all(open.map((socket) => socket.closed));
  }

  #connect(hostId: string): Promise<HostConnection | undefined> {
    const under = this.#opening.get(hostId);
    if (under) return under;
    const opening = this.#openSocket(hostId).finally(() => this.#opening.delete(hostId));
    this.#opening.set(hostId, opening);
    return opening;
  }

  async #openSocket(hostId: string): Promise<HostConnection | undefined> {
    const path = findSocket(this.home, hostId);
    if (path === undefined || this.#closed.signal.aborted) return undefined;
    const hear = (notice: HostNotification) => this.#notify(notice);
    const local = localHosts.find(this.home, hostId);
    try {
      const socket = local
        ? new HostConnection(local, hear)
        : await HostConnection.connect(path, hear);
      this.#open.set(hostId, socket);
      void socket.closed.then(() => {
        if (this.#open.get(hostId) === socket) this.#open.delete(hostId);
      });
      if (this.#watcher) this.#introduce(socket);
      for (const listener of this.#connectListeners) listener(hostId);
      return socket;
    } catch {
      return undefined; // its host is dead, or about to listen
    }
  }

  #introduce(socket: HostConnection): void {
    const gateway = this.#gateway;
    socket.send({ type: 'hello', ...(gateway !== undefined && { gateway }) });
    socket.send({ type: 'interest', servers: this.#interests.united });
  }

  #notify(notice: HostNotification): void {
    if (notice.type === 'ended') this.#ended.add(notice.callId);
    for (const listener of this.#listeners) listener(notice);
  }

  /** Keeps connections to all hosts, present and future. */
  #watch(): void {
    if (this.#watcher || this.#closed.signal.aborted) return;
    const folder = hostsFolder(this.home);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#watcher = watch(folder, { persistent: false }, (_event, file) => {
      const hostId = file === null ? undefined : hostOfSocket(file);
      if (hostId !== undefined) void this.#keepConnected(hostId);
    });
    this.#watcher.on('error', () => undefined); // the folder went away, and with it all hosts
    for (const socket of this.#open.values()) this.#introduce(socket);
    for (const hostId of socketHosts(this.home)) void this.#keepConnected(hostId);
  }

  /** Connects as often as necessary, for as long as the socket exists. */
  async #keepConnected(hostId: string): Promise<void> {
    if (this.#connected.has(hostId)) return;
    this.#connected.add(hostId);
    const { signal } = this.#closed;
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted && findSocket(this.home, hostId) !== undefined) {
      const socket = this.#open.get(hostId) ?? (await this.#connect(hostId));
      if (socket) {
        retryMs = FIRST_RETRY_MS;
        await socket.closed;
      }
      await pause(retryMs, signal, { ref: false });
      retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
    }
    this.#connected.delete(hostId);
  }
}
