import { type EndpointViews, type EndpointView } from '../endpoint/endpoint-view';
import { type Scope } from '../exchange';
import {
  changedLists,
  type ListDigests,
  listDigests,
  type ListKind,
} from '../endpoint/list-digests';
import { scopeText } from '../endpoint/scope-text';

export type ListListener = (kinds: ReadonlySet<ListKind>) => void;

interface WatchedEndpoint {
  scope: Scope;
  view: EndpointView;
  digests: ListDigests;
  listeners: Set<ListListener>;
}

/**
 * Notifies listeners which lists of their endpoint have changed; each endpoint is checked once for
 * all of its listeners.
 */
export class ListChanges {
  readonly #watched = new Map<string, WatchedEndpoint>();
  readonly #stop: () => void;

  constructor(private readonly catalogues: EndpointViews) {
    this.#stop = catalogues.onChange(() => {
      for (const watched of this.#watched.values()) void this.#check(watched);
    });
  }

  /** `view` is the one that the listener has. Returns a function that ends the watch. */
  watch(scope: Scope, view: EndpointView, listener: ListListener): () => void {
    const key = scopeText(scope);
    const watched = this.#watched.get(key) ?? {
      scope,
      view,
      digests: listDigests(view),
      listeners: new Set<ListListener>(),
    };
    this.#watched.set(key, watched);
    watched.listeners.add(listener);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0) this.#watched.delete(key);
    };
  }

  close(): void {
    this.#stop();
  }

  async #check(watched: WatchedEndpoint): Promise<void> {
    const { scope, listeners } = watched;
    // An endpoint that was removed has no lists that could change.
    const view = await this.catalogues.view(scope).catch(() => undefined);
    if (!view || view.version === watched.view.version) return;
    const digests = listDigests(view);
    const kinds = changedLists(watched.digests, digests);
    Object.assign(watched, { view, digests });
    if (kinds.length === 0) return;
    for (const listener of listeners) listener(new Set(kinds));
  }
}
