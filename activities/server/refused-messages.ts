import { type McpConnection } from '../../src/mcp/session/connection';

/** Pause between reports, in ms: a server that sends only nonsense must not fill the history of its entity. */
const PAUSE_MS = 60_000;

/** Reports the messages of a server that were refused: the first one at once, more after a pause, together. */
export class RefusedMessages {
  #pausing: NodeJS.Timeout | undefined;
  #unreported = 0;
  #last = '';

  constructor(private readonly tell: (reason: string) => void) {}

  follow(connection: Pick<McpConnection, 'onRefused'>): void {
    connection.onRefused((why) => this.#refused(why));
  }

  close(): void {
    clearTimeout(this.#pausing);
  }

  #refused(why: string): void {
    this.#unreported++;
    this.#last = why;
    if (this.#pausing === undefined) this.#report();
  }

  #report(): void {
    this.#pausing = undefined;
    if (this.#unreported === 0) return;
    const count = this.#unreported;
    const which =
      count === 1 ? 'a message from the server was' : `${count} messages from the server were`;
    this.#unreported = 0;
    this.#pausing = setTimeout(() => this.#report(), PAUSE_MS).unref();
    this.tell(`${which} refused: ${count === 1 ? 'it' : 'the last one'} ${this.#last}`);
  }
}
