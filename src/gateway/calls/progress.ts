import { isRpcId } from '../rpc';
import { type JsonObject } from '../../base/json';
import { type RpcId } from '../../base/jsonrpc';

/** A client whose call has not moved for this long is told that it still runs. */
export const PROGRESS_KEEP_ALIVE_MS = 15_000;

/** The token under which a client wants to hear of progress; what cannot be one counts as none. */
export function progressTokenOf({ progressToken }: JsonObject): RpcId | undefined {
  return isRpcId(progressToken) ? progressToken : undefined;
}

/**
 * Progress of one call towards its client. When the server says nothing for long it still moves a little, so that a client whose
 * timeout starts anew with progress does not give up; from then on what the server says is lifted above that where it has to be,
 * because progress only ever grows (MCP, basic/utilities/progress).
 */
export class Progress {
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent: number;
  #said: JsonObject | undefined;
  #isLifted: boolean;

  /** `from` is what the client was told last, by another process. */
  constructor(
    private readonly send: (params: JsonObject) => void,
    { from, intervalMs = PROGRESS_KEEP_ALIVE_MS }: { from?: number; intervalMs?: number } = {},
  ) {
    this.#sent = from ?? -Infinity;
    this.#isLifted = from !== undefined;
    this.#timer = setInterval(() => this.#keepAlive(), intervalMs).unref();
  }

  /** The last value sent. */
  get sent(): number | undefined {
    return this.#sent === -Infinity ? undefined : this.#sent;
  }

  /** What the server says. */
  report(params: JsonObject): void {
    const { progress } = params;
    if (typeof progress !== 'number') return;
    this.#sent = this.#isLifted && progress <= this.#sent ? grown(this.#sent) : progress;
    this.#said = params;
    this.#timer.refresh();
    this.send({ ...params, progress: this.#sent });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #keepAlive(): void {
    this.#isLifted = true;
    this.#sent = this.#sent === -Infinity ? 0 : grown(this.#sent);
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000);
    const said = this.#said ?? { message: `Still running after ${seconds} s` };
    this.send({ ...said, progress: this.#sent });
  }
}

/** Too small for anybody to see it, and large enough for a double. */
const STEP = 1e-6;
const RELATIVE_STEP = 1e-14;

/** The least that is more. */
function grown(sent: number): number {
  return sent + Math.max(STEP, Math.abs(sent) * RELATIVE_STEP);
}
