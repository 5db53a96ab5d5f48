import { type McpConnection } from '../../src/mcp/session/connection';

/** Pause between reports, in ms: a server that sends only nonsense must not fill the history of its entity. */
const PAUSE_MS = 60_000;

/** Reports the messages of a server that were refused: the first one at once, more after a pause, together. */
export class RefusedMessages {
  #pausing: NodeJS.Timeout | undefined;
  #untold = 0;
  #last = '';

  constructor(private readonly tell: (reason: string) => void) {}

  follow(connection: Pick<McpConnection, 'onRefused'>): void {
    connection.onRefused((why) => this.#saw(why));
  }

  close(): void {
    clearTimeout(this.#pausing);
  }

  #saw(why: string): void {
    this.#untold++;
    this.#last = why;
    if (this.#pausing === undefined) this.#report();
  }

  #report(): void {
    this.#pausing = undefined;
    if (this.#untold === 0) return;
    const count = this.#untold;
    const which =
      count === 1 ? 'a message from the server was' : `${count} messages from the server were`;
    this.#untold = 0;
    this.#pausing = setTimeout(() => this.#report(), PAUSE_MS).unref();
    this.tell(`${which} refused: ${count === 1 ? 'it' : 'the last one'} ${this.#last}`);
  }
}
