import { type CallInput, type CallOutcome, timingOf } from '../../domain/calls/calls';
import { ERROR_FIXES } from '../../base/errors';
import { callId } from '../../domain/names';
import { type CallWriter } from '../../store/call-writer';
import { type ResultStore } from '../../store/store';
import { keyDigest } from './call-id';
import { type CallHooks } from './call-request';
import { type DirectHandles } from './direct-handles';
import { type DirectEnd } from '../host-sockets/host-connection';
import { type HostSockets } from '../host-sockets/host-sockets';
import { isAsleep } from '../servers/on-demand';
import { type CallIdentity, outcomeOfAnswer } from './call-outcome';
import { inputOf, type PreparedCall } from './prepare-call';
import { matchesTool } from './tool-patterns';

interface DirectParts {
  results: ResultStore;
  sockets: HostSockets;
  handles: DirectHandles;
  log: CallWriter;
}

/** Makes calls straight to the host of their server: at most once, and lost with either process. */
export class DirectCalls {
  constructor(private readonly parts: DirectParts) {}

  /** Whether this call may go this way now. */
  isOpen({ request, snapshot }: PreparedCall): boolean {
    const { state, owner, signed } = snapshot;
    if (state !== 'RUNNING' || !owner || isAsleep(snapshot)) return false;
    return matchesTool(signed.spec.direct, request.tool) && this.parts.sockets.has(owner.host);
  }

  /** Undefined when the call was not sent, and has to take the durable way. */
  async run(call: PreparedCall, { signal, onSend }: CallHooks): Promise<CallOutcome | undefined> {
    const { owner } = call.snapshot;
    if (!owner) return undefined;
    const input = directInput(call);
    call.request.onId?.(input.callId);
    if (!input.origin) return this.#send(owner.host, input, signal);
    // Its client may come back to it with another request.
    const cancel = new AbortController();
    const stop = () => cancel.abort();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    const sent = this.#send(owner.host, input, cancel.signal);
    const forget = this.parts.handles.add(input, sent, stop);
    onSend?.();
    try {
      return await sent;
    } finally {
      forget();
      signal?.removeEventListener('abort', stop);
    }
  }

  async #send(
    host: string,
    input: CallInput,
    signal: AbortSignal | undefined,
  ): Promise<CallOutcome | undefined> {
    const submittedAtMs = Date.now();
    const end = await this.parts.sockets.call(host, input, { signal });
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
        const outcome = await outcomeOfAnswer(call, end.answer, this.parts.results);
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

  /** Records a lost call, which no host puts into the index. */
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
    void this.parts.log.write(record);
  }
}

function directInput(call: PreparedCall): CallInput {
  const { server, principal, key } = call.request;
  return {
    ...inputOf(call),
    callId: callId(server, keyDigest(principal, key)),
    digest: '', // it compares calls with the same key, and this one has its own
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
