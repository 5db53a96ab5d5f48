import { isRpcId } from '../rpc';
import { type JsonObject } from '../../base/json';
import { type RpcId } from '../../base/jsonrpc';

/** Interval without progress after which the client is notified that its call is still running. */
export const PROGRESS_KEEP_ALIVE_MS = 15_000;

/** Returns the token for progress notifications; an invalid one counts as none. */
export function progressTokenOf({ progressToken }: JsonObject): RpcId | undefined {
  return isRpcId(progressToken) ? progressToken : undefined;
}

/**
 * Progress of one call for its client. If the server reports nothing for long, the value is raised
 * slightly, so that a client whose timeout restarts with progress does not abort. From then on, the
 * server's values are raised above it where necessary, because progress must increase (MCP,
 * basic/utilities/progress).
 */
export class Progress {
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent: number;
  #lastReport: JsonObject | undefined;
  #isLifted: boolean;

  /** `from` is the last value that another process sent to the client. */
  constructor(
    private readonly send: (params: JsonObject) => void,
    { from, intervalMs = PROGRESS_KEEP_ALIVE_MS }: { from?: number; intervalMs?: number } = {},
  ) {
    this.#sent = from ?? -Infinity;
    this.#isLifted = from !== undefined;
    this.#timer = setInterval(() => this.#keepAlive(), intervalMs).unref();
  }

  /** Last value sent. */
  get sent(): number | undefined {
    return this.#sent === -Infinity ? undefined : this.#sent;
  }

  /** Passes on progress of the server. */
  report(params: JsonObject): void {
    const { progress } = params;
    if (typeof progress !== 'number') return;
    this.#sent = this.#isLifted && progress <= this.#sent ? nextAbove(this.#sent) : progress;
    this.#lastReport = params;
    this.#timer.refresh();
    this.send({ ...params, progress: this.#sent });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #keepAlive(): void {
    this.#isLifted = true;
    this.#sent = this.#sent === -Infinity ? 0 : nextAbove(this.#sent);
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000);
    const report = this.#lastReport ?? { message: `Still running after ${seconds} s` };
    this.send({ ...report, progress: this.#sent });
  }
}

/** Too small to be visible, and large enough for a double. */
const STEP = 1e-6;
const RELATIVE_STEP = 1e-14;

/** Returns the next larger value. */
function nextAbove(sent: number): number {
  return sent + Math.max(STEP, Math.abs(sent) * RELATIVE_STEP);
}
