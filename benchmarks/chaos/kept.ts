import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Delay of a restart, as short as an operator's service manager would choose it. */
const RESTART_MS = 500;

/** Process that is restarted whenever it is killed, until it ends by itself or `stop` is called. */
export class Kept {
  #child: ChildProcess;
  #isStopping = false;
  /** Resolves when it will not be started again. */
  readonly ended: Promise<void>;

  constructor(private readonly start: () => ChildProcess) {
    this.#child = start();
    this.ended = this.#keep();
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null
      ? this.#child.pid
      : undefined;
  }

  /** Requests its end, and waits for that. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.kill('SIGTERM');
    await this.ended;
  }

  async #keep(): Promise<void> {
    for (;;) {
      if (this.pid !== undefined) await once(this.#child, 'exit');
      if (this.#isStopping || this.#child.exitCode === 0) return;
      await sleep(RESTART_MS);
      if (this.#isStopping) return;
      this.#child = this.start();
    }
  }
}
