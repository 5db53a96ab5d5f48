export type ListKind = 'tools' | 'resources' | 'prompts';

/** Lists of servers that may have changed. */
export interface ListingChange {
  kinds: ReadonlySet<ListKind>;
  servers: ReadonlySet<string>;
}

/** Collects changes and reports them together. */
export class ListingChanges {
  readonly #listeners = new Set<(change: ListingChange) => void>();
  #kinds = new Set<ListKind>();
  #servers = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly afterMs: number) {}

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  on(listener: (change: ListingChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(server: string, kinds: readonly ListKind[]): void {
    if (!this.isHeard) return;
    this.#servers.add(server);
    for (const kind of kinds) this.#kinds.add(kind);
    this.#timer ??= setTimeout(() => this.#report(), this.afterMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #report(): void {
    const change = { kinds: this.#kinds, servers: this.#servers };
    this.#kinds = new Set();
    this.#servers = new Set();
    this.#timer = undefined;
    for (const listener of this.#listeners) listener(change);
  }
}
