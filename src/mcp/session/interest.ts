import { LOG_LEVELS } from '../../domain/catalogue/log-levels';
import { type ServerInterest } from '../../domain/hosts/socket-frames';
import { ANY_RESULT } from '../lists/listing';
import { isJsonObject, type JsonObject } from '../../base/json';
import { type McpSession } from './mcp-session';

const TIMEOUT_MS = 30_000;
/** Pause before a modern server whose stream has ended is subscribed to again. */
const LISTEN_AGAIN_MS = 1_000;

/**
 * Applies the requested resource updates and log level to one server, one change after the other.
 */
export class Interest {
  #requested: ServerInterest = { resources: [] };
  #applied: ServerInterest = { resources: [] };
  #isApplying = false;
  #logRequest: Promise<void> | undefined;
  /** Ends the stream of resource updates of a modern server. */
  #endStream: () => void = () => undefined;

  constructor(
    private readonly session: McpSession,
    private readonly note: (text: string) => void,
  ) {}

  set(requested: ServerInterest): void {
    this.#requested = requested;
    if (!this.#isApplying) void this.#apply();
  }

  async #apply(): Promise<void> {
    this.#isApplying = true;
    while (this.#applied !== this.#requested && !this.session.gone.aborted) {
      const [before, requested] = [this.#applied, this.#requested];
      this.#applied = requested;
      this.session.logLevel = requested.logLevel;
      if (requested.logLevel !== undefined) await this.enableLog();
      await this.#applyResources(requested.resources, before.resources);
    }
    this.#isApplying = false;
  }

  /**
   * Makes a legacy server send all log messages, once: its single level is shared by all clients,
   * and each client gets only what it requested.
   */
  enableLog(): Promise<void> {
    const isLegacy = this.session.client.getProtocolEra() !== 'modern';
    if (!isLegacy || !this.#declares('logging')) return Promise.resolve();
    return (this.#logRequest ??= this.#request('logging/setLevel', { level: LOG_LEVELS[0] }));
  }

  async #applyResources(requested: readonly string[], before: readonly string[]): Promise<void> {
    const added = requested.filter((uri) => !before.includes(uri));
    const removed = before.filter((uri) => !requested.includes(uri));
    if ((added.length === 0 && removed.length === 0) || !this.#declares('resources')) return;
    if (this.session.client.getProtocolEra() === 'modern') return this.#listen(requested);
    for (const uri of removed) await this.#request('resources/unsubscribe', { uri });
    for (const uri of added) await this.#request('resources/subscribe', { uri });
  }

  async #listen(uris: readonly string[]): Promise<void> {
    this.#endStream();
    this.#endStream = () => undefined;
    if (uris.length === 0) return;
    const { client, gone } = this.session;
    try {
      const filter = { resourceSubscriptions: [...uris] };
      const stream = await client.listen(filter, { timeout: TIMEOUT_MS });
      this.#endStream = () => void stream.close();
      void stream.closed.then((why) => {
        if (why === 'local' || gone.aborted) return;
        setTimeout(() => this.#listenAgain(uris), LISTEN_AGAIN_MS).unref();
      });
    } catch (error) {
      this.note(`subscriptions/listen failed: ${messageOf(error)}`);
    }
  }

  /** Subscribes again after the server has ended the stream. */
  #listenAgain(uris: readonly string[]): void {
    if (this.#applied.resources !== uris) return;
    this.#applied = { ...this.#applied, resources: [] };
    this.set({ ...this.#requested });
  }

  #declares(capability: string): boolean {
    const { capabilities } = this.session.wire.hello;
    return isJsonObject(capabilities) && capabilities[capability] !== undefined;
  }

  async #request(method: string, params: JsonObject): Promise<void> {
    const timeouts = { timeout: TIMEOUT_MS, maxTotalTimeout: TIMEOUT_MS };
    await this.session.client
      .request({ method, params }, ANY_RESULT, timeouts)
      .catch((error: unknown) => this.note(`${method} failed: ${messageOf(error)}`));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
