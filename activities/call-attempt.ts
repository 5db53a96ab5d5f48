import { ApplicationFailure, CancelledFailure, type Context } from '@temporalio/activity';
import {
  type CallAnswer,
  type CallFailureDetails,
  type CallInput,
  type Outcome,
} from '../src/domain/calls';
import { ERROR_FIXES, type ErrorCode, type ErrorReport } from '../src/domain/errors';
import { MAX_ERROR_TEXT_LENGTH } from '../src/domain/limits';
import { mayRepeat } from '../src/domain/spec';
import { type CallError } from '../src/mcp/call-error';
import { type HostDeps } from './deps';
import { type Session } from './session';

/** One attempt of one call: its times, and how each way of ending is told to Temporal and the call index. */
export class CallAttempt {
  /** When the first byte went to the server. */
  sentAtMs: number | undefined;

  constructor(
    private readonly deps: Pick<HostDeps, 'hostId' | 'callLog'>,
    readonly session: Session,
    readonly input: CallInput,
    readonly context: Context,
  ) {}

  get #submittedAtMs(): number {
    return this.context.info.scheduledTimestampMs;
  }

  queueTimeLeftMs(): number {
    return Math.max(0, this.#submittedAtMs + this.input.queueTimeoutMs - Date.now());
  }

  answered(
    outcome: CallAnswer['outcome'],
    answer: Pick<CallAnswer, 'result' | 'resultRef' | 'error'>,
  ): CallAnswer {
    this.#record(outcome, answer.error);
    return { outcome, ...answer, digest: this.input.digest, ...this.#timing() };
  }

  /** Final: the call did not run, and its key may be submitted again. */
  didNotRun(code: ErrorCode, message: string): Error {
    return this.#final('failed', code, message);
  }

  /** The failure for a call without an answer; Temporal tries again only if it throws a retryable one. */
  failure(error: CallError): Error {
    const { context, input, session } = this;
    switch (error.kind) {
      case 'not-sent':
        if (context.cancellationDetails?.cancelRequested) return this.#cancelled('failed', error);
        if (!error.retryable)
          return this.didNotRun('CONNECTION_FAILED', this.#masked(error.message));
        return ApplicationFailure.create({
          message: this.#masked(error.message),
          type: 'NOT_SENT',
          details: [this.#details('failed')], // a cancellation makes this the end of the call
        });
      case 'cancelled':
        if (!error.confirmed) return this.#unknown(error);
        if (context.cancellationDetails?.cancelRequested)
          return this.#cancelled('cancelled', error);
        // A draining host cut it off. Temporal would run a cancelled activity again that nobody asked to cancel.
        return this.#final('cancelled', 'CALL_CANCELLED', this.#masked(error.message));
      case 'rejected':
      case 'lost': {
        const { attempt } = context.info;
        const isLast = attempt >= session.spec.retry.maxAttempts;
        const repeatable = mayRepeat(session.spec, input.tool, this.#hints());
        if (!repeatable || isLast) return this.#unknown(error);
        return ApplicationFailure.retryable(this.#masked(error.message), 'NOT_SENT');
      }
    }
  }

  toolError(text: string): ErrorReport {
    const message = this.#masked(text).slice(0, MAX_ERROR_TEXT_LENGTH);
    return { code: 'TOOL_ERROR', message, fix: ERROR_FIXES.TOOL_ERROR };
  }

  #unknown(error: CallError): Error {
    const message = `${this.#masked(error.message)}; whether "${this.input.tool}" ran is not known.`;
    return this.#final('unknown', 'OUTCOME_UNKNOWN', message);
  }

  #cancelled(outcome: 'failed' | 'cancelled', error: CallError): Error {
    const message = this.#masked(error.message);
    this.#record(outcome, { code: 'CALL_CANCELLED', message, fix: ERROR_FIXES.CALL_CANCELLED });
    return new CancelledFailure(message, [this.#details(outcome)]);
  }

  #final(outcome: CallFailureDetails['outcome'], code: ErrorCode, message: string): Error {
    this.#record(outcome, { code, message, fix: ERROR_FIXES[code] });
    return ApplicationFailure.create({
      message,
      type: code,
      nonRetryable: true,
      details: [this.#details(outcome)],
    });
  }

  /** What a server says of itself may repeat what it was given. */
  #masked(text: string): string {
    const mask = this.session.server.serving?.mask;
    return mask ? mask(text) : text;
  }

  #details(outcome: CallFailureDetails['outcome']): CallFailureDetails {
    return { outcome, digest: this.input.digest, ...this.#timing() };
  }

  #timing(): { queuedMs: number; ranMs: number } {
    const now = Date.now();
    const sentAtMs = this.sentAtMs ?? now;
    // Two machines' clocks may differ by more than a call takes.
    return { queuedMs: Math.max(0, sentAtMs - this.#submittedAtMs), ranMs: now - sentAtMs };
  }

  #hints() {
    const tools = this.session.server.serving?.catalogue.tools;
    return tools?.find(({ name }) => name === this.input.tool)?.annotations;
  }

  #record(status: Outcome, error: ErrorReport | undefined): void {
    const { callId, server, tool, principal, correlationId } = this.input;
    const { hostId, callLog } = this.deps;
    const { generation, epoch } = this.session;
    const record = {
      ...{ callId, server, tool, principal, correlationId, status, error },
      ...{ host: hostId, generation, epoch },
      submittedAtMs: this.#submittedAtMs,
      endedAtMs: Date.now(),
      ...this.#timing(),
    };
    // The index is for looking; the call itself is in Temporal already and must not wait or fail for it.
    callLog.write(record).catch((reason: unknown) => {
      this.context.log.warn('the call index could not be written', { callId, reason });
    });
  }
}
