import {
  type CatalogueChange,
  type EndpointView,
  type EndpointViews,
} from '../endpoint/endpoint-view';
import { type Sessions } from './sessions';
import { changedLists, type ListDigests, listDigests } from '../endpoint/list-digests';
import { scopeOf } from '../endpoint/scope-text';

/** Notifies listening sessions when a list of their endpoint has actually changed. */
export class ListChanges {
  /** Digests of the lists by scope, as of the last notification. */
  readonly #announced = new Map<string, ListDigests>();
  readonly #stop: () => void;
  #queue = Promise.resolve();

  constructor(private readonly context: { catalogues: EndpointViews; sessions: Sessions }) {
    this.#stop = context.catalogues.onChange((change) => {
      this.#queue = this.#queue.then(() => this.#announce(change)).catch(() => undefined); // the next change compares again
    });
  }

  /** Records that a client of this scope has the view now. */
  know(scope: string, view: EndpointView): void {
    if (!this.#announced.has(scope)) this.#announced.set(scope, listDigests(view));
  }

  close(): void {
    this.#stop();
  }

  async #announce({ kinds }: CatalogueChange): Promise<void> {
    for (const [scope, before] of this.#announced) {
      const view = await this.context.catalogues.view(scopeOf(scope)).catch(() => undefined); // it is gone
      if (!view) {
        this.#announced.delete(scope); // the profile or server was removed; requests report it
        continue;
      }
      const now = listDigests(view);
      this.#announced.set(scope, now);
      const changed = changedLists(before, now).filter((kind) => kinds.has(kind));
      for (const session of this.context.sessions.live) {
        if (session.record.scope !== scope) continue;
        for (const kind of changed) session.notify(`notifications/${kind}/list_changed`);
      }
    }
  }
}
