import { type ServerInterest } from '../domain/socket-frames';

/** MCP log levels, the most talkative one first. */
const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;

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

/** By server, sorted: all resources that anybody wants, and the most talkative log level. */
export function uniteInterests(
  all: readonly Record<string, ServerInterest>[],
): Record<string, ServerInterest> {
  const names = [...new Set(all.flatMap((servers) => Object.keys(servers)))].sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      unite(all.flatMap((servers) => (Object.hasOwn(servers, name) ? (servers[name] ?? []) : []))),
    ]),
  );
}

function unite(interests: readonly ServerInterest[]): ServerInterest {
  const resources = [...new Set(interests.flatMap((interest) => interest.resources))].sort();
  const levels = interests.flatMap(({ logLevel }) => logLevel ?? []);
  const logLevel = LOG_LEVELS.find((level) => levels.includes(level)) ?? levels[0];
  return { resources, ...(logLevel !== undefined && { logLevel }) };
}
