import { ApplicationFailure, CancelledFailure, type Context } from '@temporalio/activity';
import { type CallHeartbeat, isHeartbeat } from '../../src/domain/calls/calls';
import { type ErrorClass } from '../../src/domain/calls/error-class';
import { type ErrorCode, fixFor } from '../../src/base/errors';
import { type RequestInput } from '../../src/domain/calls/requests';
import { CallError } from '../../src/mcp/calls/call-error';
import { hopelessCode } from '../../src/mcp/calls/hopeless-code';
import { createMask, type Mask } from '../../src/process/mask';
import { type Session } from '../session/session';
import { type WaitingCall } from './waiting-call';

/** Highest number of times that a request is sent to a server when its answers are lost; the request changes nothing. */
const MAX_REQUEST_SENDS = 3;

/** Errors that another attempt would not change. */
const FINAL: ReadonlySet<ErrorClass | undefined> = new Set<ErrorClass>(['timeout', 'protocol']);

/** One attempt of a request that changes nothing: a request whose answer was lost is retried. */
export class RequestAttempt implements WaitingCall {
  /** Number of attempts that have reached the server, including this one. */
  sent: number;
  /** Hides secrets: the texts of a server may repeat what it was given. */
  masked: Mask = createMask([]);

  constructor(
    readonly session: Session,
    readonly input: RequestInput,
    readonly context: Context,
  ) {
    const last: unknown = context.info.heartbeatDetails;
    this.sent = isHeartbeat(last) ? last.sent : 0;
  }

  queueTimeLeftMs(): number {
    const { scheduledTimestampMs } = this.context.info;
    return Math.max(0, scheduledTimestampMs + this.input.queueTimeoutMs - Date.now());
  }

  didNotRun(code: ErrorCode, message: string): Error {
    return ApplicationFailure.create({
      message,
      type: code,
      nonRetryable: true,
      details: [fixFor(code, this.input.server)],
    });
  }

  /** Returns the failure for an unforeseen exception: it is retried as often as a request whose answer was lost. */
  unexpected(error: unknown): Error {
    const message = `unexpected error: ${error instanceof Error ? error.message : String(error)}`;
    this.context.log.error('unexpected error during a request', { error });
    return this.failure(new CallError(this.sent > 0 ? 'lost' : 'not-sent', message));
  }

  /** Returns the failure that Temporal gets for a request without an answer. */
  failure(error: CallError): Error {
    const { kind, errorClass, retryable } = error;
    const message = this.masked(error.message);
    const { cancellationDetails, cancellationSignal } = this.context;
    if (cancellationDetails?.cancelRequested) return new CancelledFailure(message);
    // A request that a draining host has cancelled goes to the next host.
    if (cancellationSignal.aborted) return this.#again('NOT_SENT', message);
    if (kind === 'not-sent') {
      const isHopeless = !retryable && errorClass !== 'rate-limit';
      if (isHopeless) return this.didNotRun(hopelessCode(error), message);
      if (this.queueTimeLeftMs() > 0) return this.#again('NOT_SENT', message, error.retryAfterMs);
      const { server, queueTimeoutMs } = this.input;
      const waited = `"${server}" could not take the request within ${queueTimeoutMs} ms`;
      return this.didNotRun('QUEUE_TIMEOUT', `${waited}: ${message}.`);
    }
    if (FINAL.has(errorClass) || this.sent >= MAX_REQUEST_SENDS) {
      const code = error.reportedAs ?? 'REQUEST_FAILED';
      return this.didNotRun(code, `"${this.input.method}" failed: ${message}.`);
    }
    return this.#again('REQUEST_FAILED', message);
  }

  #again(type: ErrorCode, message: string, delayMs?: number): Error {
    const heartbeat: CallHeartbeat = { sent: this.sent };
    this.context.heartbeat(heartbeat);
    const nextRetryDelay = delayMs !== undefined && { nextRetryDelay: delayMs };
    return ApplicationFailure.create({ message, type, ...nextRetryDelay });
  }
}
