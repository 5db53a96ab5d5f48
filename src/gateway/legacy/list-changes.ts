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
  readonly #known = new Map<string, ListDigests>();
  readonly #stop: () => void;
  #turn = Promise.resolve();

  constructor(private readonly context: { catalogues: EndpointViews; sessions: Sessions }) {
    this.#stop = context.catalogues.onChange((change) => {
      this.#turn = this.#turn.then(() => this.#tell(change)).catch(() => undefined);
    });
  }

  /** Records that a client of this scope has the view now. */
  know(scope: string, view: EndpointView): void {
    if (!this.#known.has(scope)) this.#known.set(scope, listDigests(view));
  }

  close(): void {
    this.#stop();
  }

  async #tell({ kinds }: CatalogueChange): Promise<void> {
    for (const [scope, before] of this.#known) {
      const view = await this.context.catalogues.view(scopeOf(scope)).catch(() => undefined);
      if (!view) {
        this.#known.delete(scope); // the profile or server was removed; requests report it
        continue;
      }
      const now = listDigests(view);
      this.#known.set(scope, now);
      const changed = changedLists(before, now).filter((kind) => kinds.has(kind));
      for (const session of this.context.sessions.live) {
        if (session.record.scope !== scope) continue;
        for (const kind of changed) session.notify(`notifications/${kind}/list_changed`);
      }
    }
  }
}
