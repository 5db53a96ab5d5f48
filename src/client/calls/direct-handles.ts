import { type CallInput, type CallOutcome, type CallProgress } from '../../domain/calls/calls';
import { MainspringError } from '../../base/errors';
import { type CallStatus } from './call-activity';
import { type CallHandle } from './call-handle';
import { type CallDescription } from './call-status';

/** Operations on a call by its id, whichever way it goes. */
export type AnyCallHandle = Pick<CallHandle, keyof CallHandle>;

/**
 * The direct calls of this process that are under way. Only here can they be followed, as a client of the gateway does between two requests.
 *
 * @internal
 */
export class DirectHandles {
  readonly #open = new Map<string, DirectHandle>();

  /**
   * Makes a call known until the returned function is called; undefined in place of an outcome means that it goes the
   * durable way.
   */
  add(input: CallInput, outcome: Promise<CallOutcome | undefined>, cancel: () => void): () => void {
    const { callId } = input;
    this.#open.set(callId, new DirectHandle(input, outcome, cancel));
    return () => void this.#open.delete(callId);
  }

  get(id: string): AnyCallHandle | undefined {
    return this.#open.get(id);
  }

  look(id: string): CallDescription | undefined {
    return this.#open.get(id)?.look();
  }
}

class DirectHandle implements AnyCallHandle {
  readonly id: string;
  readonly server: string;
  readonly tool: string;
  readonly principal: string;
  readonly correlationId: string;
  readonly #submittedAtMs = Date.now();

  constructor(
    input: CallInput,
    private readonly outcome: Promise<CallOutcome | undefined>,
    private readonly stop: () => void,
  ) {
    this.id = input.callId;
    this.server = input.server;
    this.tool = input.tool;
    this.principal = input.principal;
    this.correlationId = input.correlationId;
  }

  async result(): Promise<CallOutcome> {
    const outcome = await this.outcome;
    if (outcome) return outcome;
    const message = `${this.id} was not sent and is being submitted again.`;
    throw new MainspringError('UNKNOWN_CALL', message, { fix: 'Get the call again by its ID.' });
  }

  async status(): Promise<CallStatus> {
    return 'running';
  }

  async cancel(): Promise<void> {
    this.stop();
  }

  /** Yields nothing: progress goes to the gateway only. */
  async *progress(): AsyncGenerator<CallProgress> {
    await this.outcome;
    yield* [];
  }

  look(): CallDescription {
    const { id: callId, server, tool, principal } = this;
    const times = { submittedAtMs: this.#submittedAtMs, changedAtMs: this.#submittedAtMs };
    return { callId, server, tool, principal, status: 'running', ...times, asks: [] };
  }
}
