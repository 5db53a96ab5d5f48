import { type CallInput, type CallOutcome, timingOf } from '../../domain/calls/calls';
import { ERROR_FIXES } from '../../base/errors';
import { type ServerSnapshot } from '../../domain/messages';
import { callId } from '../../domain/names';
import { callTimeoutMs } from '../../domain/spec';
import { type CallWriter } from '../../store/call-writer';
import { keyDigest } from './call-id';
import { type CallToolOptions } from './calls';
import { checkArguments } from './check-arguments';
import { checkTimeout } from './check-call-options';
import { type ClientContext } from '../context';
import { type DirectHandles } from './direct-handles';
import { type DirectEnd } from '../host-sockets/host-connection';
import { type HostSockets } from '../host-sockets/host-sockets';
import { type CallIdentity, outcomeOfAnswer } from './call-outcome';
import { matchesTool } from './tool-patterns';
import { type Tools } from '../servers/tools';

/** A call whose way is still open. */
export interface WantedCall {
  server: string;
  tool: string;
  args: CallInput['args'];
  principal: string;
  correlationId: string;
  /** Makes its id, whichever way it goes. */
  key: string;
  options: CallToolOptions;
  signal: AbortSignal | undefined;
  onSend: (() => void) | undefined;
  /** Its result was looked for in the cache, and was not there. */
  cacheMiss?: true;
}

/** Calls that go straight to the host of their server: once at most, and lost with either process. */
export class DirectCalls {
  constructor(
    private readonly context: ClientContext,
    private readonly tools: Tools,
    private readonly sockets: HostSockets,
    private readonly log: CallWriter,
    private readonly handles: DirectHandles,
  ) {}

  /** Whether a call of this tool may go this way now. */
  isOpen({ state, owner, signed }: ServerSnapshot, tool: string): boolean {
    if (state !== 'RUNNING' || !owner || !matchesTool(signed.spec.direct, tool)) return false;
    return this.sockets.has(owner.host);
  }

  /**
   * Undefined when the call was not sent, and has to take the durable way.
   *
   * @throws MainspringError when the arguments are refused
   */
  async run(snapshot: ServerSnapshot, wanted: WantedCall): Promise<CallOutcome | undefined> {
    const { owner } = snapshot;
    if (!owner) return undefined;
    const { tool, args, options } = wanted;
    const checkedBy = await checkArguments(this.tools, snapshot, tool, args);
    const input = inputOf(snapshot, wanted, checkedBy?.catalogue.toolsHash);
    options.onId?.(input.callId);
    if (!input.origin) return this.#send(owner.host, input, wanted.signal);
    // Its client may come back to it with another request.
    const cancel = new AbortController();
    const stop = () => cancel.abort();
    wanted.signal?.addEventListener('abort', stop, { once: true });
    if (wanted.signal?.aborted) stop();
    const sent = this.#send(owner.host, input, cancel.signal);
    const followed = this.handles.follow(input, sent, stop);
    wanted.onSend?.();
    return followed.finally(() => wanted.signal?.removeEventListener('abort', stop));
  }

  async #send(
    host: string,
    input: CallInput,
    signal: AbortSignal | undefined,
  ): Promise<CallOutcome | undefined> {
    const submittedAtMs = Date.now();
    const end = await this.sockets.call(host, input, { signal });
    return this.#outcome(end, input, submittedAtMs);
  }

  async #outcome(
    end: DirectEnd,
    input: CallInput,
    submittedAtMs: number,
  ): Promise<CallOutcome | undefined> {
    const { server, tool, correlationId } = input;
    const call = { callId: input.callId, correlationId, server, tool };
    switch (end.type) {
      case 'elsewhere':
        return undefined;
      case 'answer': {
        const outcome = await outcomeOfAnswer(call, end.answer, this.context.store.results);
        return { ...outcome, path: 'direct' };
      }
      case 'failure': {
        const { outcome } = end.details;
        return { ...call, outcome, error: end.error, path: 'direct', ...timingOf(end.details) };
      }
      case 'lost': {
        const outcome = lostOutcome(call, end.reason, Date.now() - submittedAtMs);
        this.#recordLoss(outcome, input, submittedAtMs);
        return outcome;
      }
    }
  }

  /** No host puts it into the index. */
  #recordLoss(
    outcome: CallOutcome,
    { principal, cacheMiss }: CallInput,
    submittedAtMs: number,
  ): void {
    const { callId: id, server, tool, correlationId, error, queuedMs, ranMs } = outcome;
    const record = {
      callId: id,
      server,
      tool,
      principal,
      correlationId,
      error,
      queuedMs,
      ranMs,
      submittedAtMs,
      endedAtMs: Date.now(),
      attempts: 1,
      ...({ status: 'unknown', errorClass: 'crash', path: 'direct' } as const),
      ...(cacheMiss && { cacheMiss }),
    };
    this.log.write(record).catch(() => undefined); // the index is for looking
  }
}

function inputOf(
  { signed }: ServerSnapshot,
  { server, tool, args, principal, correlationId, key, options, cacheMiss }: WantedCall,
  toolsHash: string | undefined,
): CallInput {
  const { spec } = signed;
  const { origin, meta } = options;
  return {
    callId: callId(server, keyDigest(principal, key)),
    server,
    tool,
    args,
    principal,
    correlationId,
    digest: '', // it compares calls with the same key, and this one has its own
    ...(toolsHash !== undefined && { toolsHash }),
    timeoutMs: checkTimeout(options.timeoutMs ?? callTimeoutMs(spec, tool)),
    queueTimeoutMs: checkTimeout(options.queueTimeoutMs ?? spec.timeouts.queueMs),
    ...(origin && { origin }),
    ...(meta && { meta }),
    ...(cacheMiss && { cacheMiss }),
  };
}

function lostOutcome(call: CallIdentity, reason: string, ranMs: number): CallOutcome {
  const message = `The direct call was lost: ${reason}. It is unknown whether "${call.tool}" ran.`;
  const error = {
    code: 'OUTCOME_UNKNOWN' as const,
    message,
    fix: ERROR_FIXES.OUTCOME_UNKNOWN,
  };
  return { ...call, outcome: 'unknown', error, path: 'direct', queuedMs: 0, ranMs };
}
