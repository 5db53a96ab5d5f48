import { createHash } from 'node:crypto';
import { type Catalogues, type View } from '../catalogue';
import { type Scope } from '../exchange';
import { scopeText } from '../scope-text';

export type ListKind = 'tools' | 'prompts' | 'resources';
export type ListListener = (kinds: ReadonlySet<ListKind>) => void;

interface Watched {
  scope: Scope;
  view: View;
  prints: Record<ListKind, string>;
  listeners: Set<ListListener>;
}

/** Tells those who listen which lists of their endpoint have changed; each endpoint is looked at once for all of them. */
export class ListChanges {
  readonly #watched = new Map<string, Watched>();
  readonly #stop: () => void;

  constructor(private readonly catalogues: Catalogues) {
    this.#stop = catalogues.onChange(() => {
      for (const watched of this.#watched.values()) void this.#look(watched);
    });
  }

  /** `view` is what the listener knows. Returns what ends it. */
  watch(scope: Scope, view: View, listener: ListListener): () => void {
    const key = scopeText(scope);
    const watched = this.#watched.get(key) ?? {
      ...{ scope, view },
      prints: printsOf(view),
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

  async #look(watched: Watched): Promise<void> {
    const { scope, listeners } = watched;
    // An endpoint that is gone has no lists that could change.
    const view = await this.catalogues.view(scope).catch(() => undefined);
    if (!view || view.version === watched.view.version) return;
    const { prints: before } = watched;
    const prints = printsOf(view);
    Object.assign(watched, { view, prints });
    const kinds = (['tools', 'prompts', 'resources'] as const).filter(
      (kind) => prints[kind] !== before[kind],
    );
    if (kinds.length === 0) return;
    for (const listener of listeners) listener(new Set(kinds));
  }
}

function printsOf({ tools, prompts, resources, templates }: View): Record<ListKind, string> {
  return {
    tools: print(tools),
    prompts: print(prompts),
    resources: print([...resources, ...templates]),
  };
}

function print(exposed: readonly { definition: unknown }[]): string {
  const definitions = exposed.map(({ definition }) => definition);
  return createHash('sha256').update(JSON.stringify(definitions)).digest('base64');
}
