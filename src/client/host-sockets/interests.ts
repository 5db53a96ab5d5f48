import { unitedInterest } from '../../domain/catalogue/server-interest';
import { type ServerInterest } from '../../domain/hosts/socket-frames';

/** Combined interests of several consumers in the notifications of servers. */
export class Interests {
  readonly #byConsumer = new Map<string, Record<string, ServerInterest>>();
  #united: Record<string, ServerInterest> = {};

  get united(): Record<string, ServerInterest> {
    return this.#united;
  }

  /** Sets the interests of this consumer, replacing the previous ones; returns whether that changes the combined ones. */
  set(consumer: string, servers: Record<string, ServerInterest>): boolean {
    if (Object.keys(servers).length === 0) this.#byConsumer.delete(consumer);
    else this.#byConsumer.set(consumer, servers);
    const before = JSON.stringify(this.#united);
    this.#united = uniteInterests([...this.#byConsumer.values()]);
    return JSON.stringify(this.#united) !== before;
  }
}

/** Combines interests by server, sorted. */
export function uniteInterests(
  all: readonly Record<string, ServerInterest>[],
): Record<string, ServerInterest> {
  const names = [...new Set(all.flatMap((servers) => Object.keys(servers)))].sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      unitedInterest(
        all.flatMap((servers) => (Object.hasOwn(servers, name) ? (servers[name] ?? []) : [])),
      ),
    ]),
  );
}
