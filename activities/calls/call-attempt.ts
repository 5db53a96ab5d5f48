import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { isRetriedInDoubt, countPossiblySent } from '../../src/domain/calls/call-attempts';
import { afterRateLimit, nextAttempt } from '../../src/domain/calls/call-retry';
import {
  type CallAnswer,
  type CallFailureDetails,
  type CallHeartbeat,
  type CallInput,
  type CallTiming,
  type CallTries,
  isHeartbeat,
  type Outcome,
} from '../../src/domain/calls/calls';
import { type ErrorClass } from '../../src/domain/calls/error-class';
import { ERROR_FIXES, type ErrorCode, type ErrorReport, fixFor } from '../../src/base/errors';
import { callRetryFor } from '../../src/domain/spec';
import { CallError } from '../../src/mcp/calls/call-error';
import { hopelessCode } from '../../src/mcp/calls/hopeless-code';
import { createMask, type Mask } from '../../src/process/mask';
import { boundedHeartbeat } from './bounded-heartbeat';
import { type CallContext } from './call-context';
import { type HostDeps } from '../deps';
import { type Session } from '../session/session';
import { type JsonObject } from '../../src/base/json';

/** Longest part of a tool's answer that is repeated as its error message. */
export const MAX_ERROR_TEXT_LENGTH = 500;

/** One attempt of one call: its times, and how each outcome is reported to Temporal and the call index. */
export class CallAttempt {
  /** Time at which the first byte went to the server, in ms. */
  sentAtMs: number | undefined;
  /** Hides secrets: the texts of a server may repeat what it was given. */
  masked: Mask = createMask([]);
  /** Answer to the call, as soon as it has arrived: a result, or why there is none. */
  end: JsonObject | CallError | undefined;
  /** Number of earlier attempts that may have reached the server. */
  readonly #sentBefore: number;
  /** `#sentBefore` as the next attempt would find it. */
  #sentReported: number;
  readonly #triesBefore: CallTries | undefined;
  /** Number of `#tries` that the next attempt would find. */
  #triesReported: number | undefined;
  /** Whether Temporal also retries what its host may have sent, so that each attempt has to report what it did. */
  readonly #inDoubt: boolean;

  /** @param sentHere - earlier attempts that this process has sent, whatever Temporal knows of them */
  constructor(
    private readonly deps: Pick<HostDeps, 'hostId' | 'callLog'>,
    readonly session: Session,
    readonly input: CallInput,
    readonly context: CallContext,
    sentHere = 0,
  ) {
    const { attempt, retryPolicy } = context.info;
    this.#inDoubt = retryPolicy !== undefined && isRetriedInDoubt(retryPolicy);
    const known = { attempt, inDoubt: this.#inDoubt, heartbeat: heartbeatOf(context) };
    this.#sentBefore = Math.max(sentHere, countPossiblySent(known));
    this.#sentReported = known.heartbeat?.sent ?? 0;
    this.#triesBefore = known.heartbeat?.tries;
    this.#triesReported = this.#triesBefore?.count;
  }

  get #submittedAtMs(): number {
    return this.context.info.scheduledTimestampMs;
  }

  queueTimeLeftMs(): number {
    return Math.max(0, this.#submittedAtMs + this.input.queueTimeoutMs - Date.now());
  }

  heartbeat(details: Omit<CallHeartbeat, 'sent'> = {}): void {
    const isSent = this.sentAtMs !== undefined;
    this.#beat({ sent: this.#sentBefore + (isSent ? 1 : 0), ...details }, isSent);
  }

  answered(
    outcome: CallAnswer['outcome'],
    answer: Omit<CallAnswer, 'outcome' | 'digest' | keyof CallTiming>,
    errorClass?: ErrorClass,
  ): CallAnswer {
    this.#record(outcome, answer.error, errorClass);
    return { outcome, ...answer, digest: this.input.digest, ...this.#timing() };
  }

  /** Final: the call did not run, and its key may be submitted again. */
  didNotRun(code: ErrorCode, message: string, errorClass?: ErrorClass): Error {
    if (this.#sentBefore === 0) return this.#final('failed', code, message, errorClass);
    return this.#final('unknown', 'OUTCOME_UNKNOWN', this.#unsure(message), errorClass);
  }

  /**
   * Returns the end of a call that must not reach the server again: its last attempt ended with its host, which could
   * not report.
   */
  spent(): Error | undefined {
    const policy = callRetryFor(this.session.spec, this.input.tool, this.#hints());
    if (this.#sentBefore < (policy?.maxAttempts ?? 1)) return undefined;
    return this.#final('unknown', 'OUTCOME_UNKNOWN', this.#unsure('the host was lost'), 'crash');
  }

  /** Records how sending the call has ended. */
  async noting(sending: Promise<JsonObject>): Promise<JsonObject> {
    try {
      return (this.end = await sending);
    } catch (error) {
      if (error instanceof CallError) this.end = error;
      throw error;
    }
  }

  /**
   * Returns the failure for an unforeseen exception: before the first byte the call counts as not sent, and is retried
   * as long as it may wait; afterwards it is over.
   */
  unexpected(error: unknown): Error {
    const message = `unexpected error: ${error instanceof Error ? error.message : String(error)}`;
    if (this.sentAtMs === undefined) return this.failure(new CallError('not-sent', message));
    return this.#final('unknown', 'OUTCOME_UNKNOWN', this.#unsure(this.masked(message)));
  }

  /** Returns the failure for a call when even `unexpected` has thrown. This one cannot throw, and contains nothing to mask. */
  lastResort(): Error {
    const { digest } = this.input;
    const isSent = this.sentAtMs !== undefined || this.#sentBefore > 0;
    const outcome = isSent ? 'unknown' : 'failed';
    const details: CallFailureDetails = { outcome, digest, queuedMs: 0, ranMs: 0 };
    const message = 'unexpected error while reporting the end of an attempt';
    if (!isSent) return ApplicationFailure.retryable(message, 'NOT_SENT', details);
    const doubt = 'it is unknown whether the tool ran';
    return ApplicationFailure.nonRetryable(`${message}; ${doubt}.`, 'OUTCOME_UNKNOWN', details);
  }

  /** Returns the failure for a call without an answer; Temporal retries only a retryable one. */
  failure(error: CallError): Error {
    switch (error.kind) {
      case 'not-sent':
        return this.#notSent(error);
      case 'cancelled':
        return this.#cutOff(error);
      case 'rejected':
      case 'lost':
        return this.again(error) ?? this.#unknown(error);
    }
  }

  /** Returns the failure that makes Temporal retry a call that has reached the server; undefined when it must not be retried. */
  again({ kind, errorClass, retryAfterMs, message }: CallError): Error | undefined {
    const { session, input } = this;
    const policy = callRetryFor(session.spec, input.tool, this.#hints());
    if (!policy || this.context.isDirect) return undefined;
    const attempt = this.#sentBefore + 1;
    const next = nextAttempt(policy, { attempt, errorClass, retryAfterMs }, Math.random());
    if (next.action === 'stop') return undefined;
    // If it is cancelled before the next attempt, this is its end: after an answer it is known to have stopped.
    const [type, outcome] =
      kind === 'rejected'
        ? (['TOOL_ERROR', 'cancelled'] as const)
        : (['OUTCOME_UNKNOWN', 'unknown'] as const);
    return this.#retry(type, `${this.masked(message)}; ${next.reason}`, {
      outcome,
      sent: attempt,
      delayMs: next.delayMs,
    });
  }

  toolError(text: string): ErrorReport {
    const message = this.masked(text).slice(0, MAX_ERROR_TEXT_LENGTH);
    return { code: 'TOOL_ERROR', message, fix: ERROR_FIXES.TOOL_ERROR };
  }

  #cutOff(error: CallError): Error {
    if (error.cancel === 'lost') return this.#unknown(error);
    if (this.context.cancellationDetails?.cancelRequested)
      return this.#cancelled('cancelled', error);
    // A draining host cut it off, and ends the server next.
    if (error.cancel === 'silent') return this.#unknown(error);
    // Temporal would rerun an activity that ends as cancelled without a request to cancel it.
    return this.#final('cancelled', 'CALL_CANCELLED', this.masked(error.message));
  }

  #notSent(error: CallError): Error {
    const { context, input } = this;
    if (context.cancellationDetails?.cancelRequested) {
      return this.#sentBefore === 0 ? this.#cancelled('failed', error) : this.#unknown(error);
    }
    if (error.errorClass === 'rate-limit') return this.#tooManyRequests(error);
    const message = this.masked(error.message);
    // A call that a draining host has cancelled goes to the next host.
    if (!error.retryable && !context.cancellationSignal.aborted) {
      return this.didNotRun(hopelessCode(error), message, error.errorClass);
    }
    if (this.queueTimeLeftMs() === 0) {
      const waited = `"${input.server}" could not take the call within ${input.queueTimeoutMs} ms`;
      return this.didNotRun('QUEUE_TIMEOUT', `${waited}: ${message}.`, error.errorClass);
    }
    return this.#retry('NOT_SENT', message, { outcome: 'failed', sent: this.#sentBefore });
  }

  /** Handles a server with too many requests: the call did not run, and waits as long as its queue time lasts. */
  #tooManyRequests({ message, errorClass, retryAfterMs }: CallError): Error {
    const { attempt } = this.context.info;
    const queueTimeLeftMs = this.queueTimeLeftMs();
    const next = afterRateLimit({ attempt, retryAfterMs, queueTimeLeftMs }, Math.random());
    const text = `${this.masked(message)}; ${next.reason}`;
    if (next.action === 'stop') {
      return this.didNotRun('RATE_LIMITED', `${text}: the call did not run.`, errorClass);
    }
    const { delayMs } = next;
    return this.#retry('RATE_LIMITED', text, {
      outcome: 'failed',
      sent: this.#sentBefore,
      delayMs,
    });
  }

  /** @param how - `outcome`: the outcome if a cancellation makes this the end of the call */
  #retry(
    type: ErrorCode,
    message: string,
    how: { outcome: CallFailureDetails['outcome']; sent: number; delayMs?: number },
  ): Error {
    const { outcome, sent, delayMs } = how;
    const isTold = sent === this.#sentReported && this.#tries?.count === this.#triesReported;
    if (this.#inDoubt || !isTold) this.#beat({ sent }, true);
    const isUnknown = outcome === 'failed' && sent > 0;
    return ApplicationFailure.create({
      message,
      type,
      details: [this.#details(isUnknown ? 'unknown' : outcome)],
      ...(delayMs !== undefined && { nextRetryDelay: delayMs }),
    });
  }

  #unknown({ message, errorClass, reportedAs = 'OUTCOME_UNKNOWN' }: CallError): Error {
    const text = this.#unsure(this.masked(message));
    return this.#final('unknown', reportedAs, text, errorClass);
  }

  #unsure(message: string): string {
    const tried = this.#sentBefore > 0 ? ` (attempts before: ${this.#sentBefore})` : '';
    return `${message}${tried}; it is unknown whether "${this.input.tool}" ran.`;
  }

  #cancelled(outcome: 'failed' | 'cancelled', error: CallError): Error {
    const message = this.masked(error.message);
    this.#record(outcome, { code: 'CALL_CANCELLED', message, fix: ERROR_FIXES.CALL_CANCELLED });
    return new CancelledFailure(message, [{ ...this.#details(outcome), reason: message }]);
  }

  #final(
    outcome: CallFailureDetails['outcome'],
    code: ErrorCode,
    message: string,
    errorClass?: ErrorClass,
  ): Error {
    this.#record(outcome, { code, message, fix: fixFor(code, this.input.server) }, errorClass);
    return ApplicationFailure.create({
      message,
      type: code,
      nonRetryable: true,
      details: [this.#details(outcome)],
    });
  }

  /** @param isAccounted - whether `sent` already covers all that this attempt will do */
  #beat(heartbeat: Omit<CallHeartbeat, 'upTo' | 'tries'>, isAccounted: boolean): void {
    const { attempt } = this.context.info;
    const upTo = this.#inDoubt && { upTo: isAccounted ? attempt : attempt - 1 };
    const tries = this.#tries;
    this.#sentReported = heartbeat.sent;
    this.#triesReported = tries?.count;
    this.context.heartbeat(boundedHeartbeat({ ...heartbeat, ...upTo, ...(tries && { tries }) }));
  }

  #details(outcome: CallFailureDetails['outcome']): CallFailureDetails {
    return { outcome, digest: this.input.digest, ...this.#timing() };
  }

  get #tries(): CallTries | undefined {
    const { sentAtMs } = this;
    const before = this.#triesBefore;
    if (sentAtMs === undefined) return before;
    return {
      count: Math.max(before?.count ?? 0, this.#sentBefore) + 1,
      sinceMs: before?.sinceMs ?? sentAtMs,
    };
  }

  #timing(): CallTiming {
    const now = Date.now();
    const lastAtMs = this.sentAtMs ?? now;
    const { count, sinceMs } = this.#tries ?? { count: this.#sentBefore, sinceMs: lastAtMs };
    // Two machines' clocks may differ by more than a call takes.
    return {
      queuedMs: Math.max(0, sinceMs - this.#submittedAtMs),
      attempts: count,
      ...(lastAtMs > sinceMs && { retriedMs: lastAtMs - sinceMs }),
      ranMs: now - lastAtMs,
    };
  }

  #hints() {
    const tools = this.session.server.serving?.catalogue.tools;
    return tools?.find(({ name }) => name === this.input.tool)?.annotations;
  }

  #record(status: Outcome, error?: ErrorReport, errorClass?: ErrorClass): void {
    const { callId, server, tool, principal, correlationId, cacheMiss } = this.input;
    const { hostId } = this.deps;
    const { generation, epoch } = this.session;
    const record = {
      callId,
      server,
      tool,
      principal,
      correlationId,
      status,
      error,
      errorClass,
      host: hostId,
      generation,
      epoch,
      ...(this.context.isDirect && { path: 'direct' as const }),
      ...(cacheMiss && { cacheMiss }),
      submittedAtMs: this.#submittedAtMs,
      endedAtMs: Date.now(),
      ...this.#timing(),
    };
    try {
      void this.deps.callLog.write(record);
    } catch {
      // The index is only informational: the call itself is over, and must not fail for it.
    }
  }
}

function heartbeatOf({ info }: CallContext): CallHeartbeat | undefined {
  const last: unknown = info.heartbeatDetails;
  return isHeartbeat(last) ? last : undefined;
}
