import { type FrameHandlers, type FramePort, type OpenPort } from './frame-port';

/** Takes a client that has connected. */
type Accept = (open: OpenPort) => void;

/** Hosts that run in this process: their clients here reach them without a socket. */
class LocalHosts {
  readonly #hosts = new Map<string, Accept>();

  /** Accepts clients of a host from now on; returns a function that ends that. */
  announce(home: string, hostId: string, accept: Accept): () => void {
    const key = keyOf(home, hostId);
    this.#hosts.set(key, accept);
    return () => {
      if (this.#hosts.get(key) === accept) this.#hosts.delete(key);
    };
  }

  /** Returns the way to a host; undefined when it does not run here. */
  find(home: string, hostId: string): OpenPort | undefined {
    const accept = this.#hosts.get(keyOf(home, hostId));
    return accept && ((handlers) => LocalPort.connect(handlers, accept));
  }
}

export const localHosts = new LocalHosts();

const keyOf = (home: string, hostId: string) => `${hostId} ${home}`; // an ID has no space

/** Passes frames on as they are, at once. */
class LocalPort implements FramePort {
  readonly isBehind = false;
  #other: LocalPort | undefined;

  private constructor(private readonly handlers: FrameHandlers) {}

  static connect(handlers: FrameHandlers, accept: Accept): FramePort {
    const port = new LocalPort(handlers);
    accept((theirs) => {
      const other = new LocalPort(theirs);
      [port.#other, other.#other] = [other, port];
      return other;
    });
    return port;
  }

  get isOpen(): boolean {
    return this.#other !== undefined;
  }

  send(frame: object): void {
    const other = this.#other;
    if (other) other.#take(frame);
  }

  sendNow(frame: object): void {
    this.send(frame);
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    const other = this.#other;
    if (!other) return;
    this.#other = undefined;
    other.#other = undefined;
    this.handlers.onClosed();
    other.handlers.onClosed();
  }

  /** Thrown on, it would end what the sender does, and not only this connection. */
  #take(frame: object): void {
    try {
      this.handlers.onFrame(frame);
    } catch (error) {
      this.handlers.onBroken(`a frame ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
