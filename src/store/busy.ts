import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../base/durable-file';

/** Longest total wait of a writer for others. Writes take well under a millisecond each. */
const BUSY_TIMEOUT_MS = 5_000;
const RETRY_MS = 5;

/** Time that SQLite itself waits: it blocks the process, and with it a transaction of this process that is to finish. */
export const BLOCKING_WAIT_MS = 5;

/** Runs `action`, which SQLite refuses as a whole while another connection writes, as soon as it is possible. */
export async function whenFree<Result>(action: () => Result): Promise<Result> {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (codeOf(error) !== 'SQLITE_BUSY' || performance.now() > deadline) throw error;
    }
    await sleep(RETRY_MS);
  }
}
