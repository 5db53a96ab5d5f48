import { unitedInterest } from '../../domain/catalogue/server-interest';
import { type ServerInterest } from '../../domain/hosts/socket-frames';

/** What several consumers want to hear of servers, united. */
export class Interests {
  readonly #byConsumer = new Map<string, Record<string, ServerInterest>>();
  #united: Record<string, ServerInterest> = {};

  get united(): Record<string, ServerInterest> {
    return this.#united;
  }

  /** All that this consumer wants, in place of what it wanted before; whether that changes what all want together. */
  set(consumer: string, servers: Record<string, ServerInterest>): boolean {
    if (Object.keys(servers).length === 0) this.#byConsumer.delete(consumer);
    else this.#byConsumer.set(consumer, servers);
    const before = JSON.stringify(this.#united);
    this.#united = uniteInterests([...this.#byConsumer.values()]);
    return JSON.stringify(this.#united) !== before;
  }
}

/** By server, sorted. */
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
