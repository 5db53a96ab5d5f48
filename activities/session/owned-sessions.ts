import { type Session } from './session';

/** Sessions that this host owns now, by server name; replicas may share a host. */
export class OwnedSessions {
  readonly #byServer = new Map<string, Set<Session>>();

  /** Returns a function that removes it again. */
  add(session: Session): () => void {
    const { name } = session;
    const others = this.#byServer.get(name) ?? new Set();
    this.#byServer.set(name, others.add(session));
    return () => {
      others.delete(session);
      if (others.size === 0 && this.#byServer.get(name) === others) this.#byServer.delete(name);
    };
  }

  /** Returns the first session of a server that fits. */
  find(server: string, fits: (session: Session) => boolean): Session | undefined {
    for (const session of this.#byServer.get(server) ?? []) if (fits(session)) return session;
    return undefined;
  }
}
