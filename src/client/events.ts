import { type StoredEvent } from '../domain/events';
import { type ClientContext } from './context';
import { pause } from '../async/pause';

const FOLLOW_INTERVAL_MS = 250;
const PAGE = 500;
const DEFAULT_LIMIT = 50;

/** Events of the servers of an instance. */
export class Events {
  /** @internal */
  constructor(private readonly context: ClientContext) {}

  /** Returns the newest `limit` events (default 50), oldest first. */
  async list({ server, limit = DEFAULT_LIMIT }: { server?: string; limit?: number } = {}): Promise<
    StoredEvent[]
  > {
    return this.context.store.events.list({ server, limit });
  }

  /** Yields the newest events, and then every new one as it comes, until `signal` fires. */
  async *follow(
    options: { server?: string; limit?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<StoredEvent> {
    const { server, limit = DEFAULT_LIMIT, signal } = options;
    // At least one, even if none is requested: what comes after it is new.
    const newest = await this.list({ server, limit: Math.max(1, limit) });
    let after = newest.at(-1)?.position ?? 0;
    let page = limit === 0 ? [] : newest;
    while (!signal?.aborted) {
      for (const event of page) {
        after = event.position;
        yield event;
        if (signal?.aborted) return;
      }
      if (page.length === 0) {
        await pause(FOLLOW_INTERVAL_MS, signal);
        if (signal?.aborted) return;
      }
      page = await this.context.store.events.list({ server, after, limit: PAGE });
    }
  }

  /** Removes the events of one server, or of all; returns how many. */
  async clear(server?: string): Promise<number> {
    return this.context.store.events.clear(server);
  }
}
