import { type ErrorClass } from '../../domain/calls/error-class';
import { type ErrorCode } from '../../base/errors';
import { type Json } from '../../base/json';
import { type RpcErrorObject } from '../../base/jsonrpc';

/**
 * Reason why a call has no result, by whether the tool may have run:
 * - `not-sent`: it did not run; nothing reached the server, or the transport refused it before the server's code.
 * - `rejected`: the server answered with a JSON-RPC error.
 * - `lost`: it was sent and no answer came; it may or may not have run.
 * - `cancelled`: it was aborted after it was sent.
 *
 * The kind decides, not whether `onSent` was called: a refused TCP connection is noticed only after `onSent`.
 */
export type CallErrorKind = 'not-sent' | 'rejected' | 'lost' | 'cancelled';

/**
 * End of a call that was cancelled after it was sent:
 * - `idle`: its server was waiting for the client and did nothing else.
 * - `answered`: the server answered after it was notified.
 * - `silent`: the server was notified, is still running and did not answer, as MCP requires; the call may have run in part.
 * - `lost`: it is unknown whether the server was notified, or the server has exited.
 */
export type CancelEnd = keyof typeof CANCELLED;

const CANCELLED = {
  idle: 'cancelled while the server waited for its client',
  answered: 'cancelled; the server confirmed it',
  silent:
    'cancelled; the server was notified but did not respond, so the call may have run in part',
  lost: 'cancelled; the server was lost before it could confirm it',
} as const;

interface CallErrorDetails {
  cause?: unknown;
  /**
   * Absent if the error is unrelated to the server's health: the call was cancelled, or its host
   * stopped.
   */
  errorClass?: ErrorClass;
  /** Code that is reported for the call instead of OUTCOME_UNKNOWN. */
  reportedAs?: ErrorCode | undefined;
  /** Pause that the server requested (HTTP 429 and 503), in ms. */
  retryAfterMs?: number;
  /** `not-sent`: another attempt may succeed (false for 401, 403 and similar). */
  retryable?: boolean;
  /** `rejected`: error of the server. */
  rpc?: { code: number; data?: Json };
  /** `cancelled`: how the call ended. */
  cancel?: CancelEnd;
}

/** Error of a call without a result. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly errorClass: ErrorClass | undefined;
  readonly reportedAs: ErrorCode | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retryable: boolean;
  readonly code: number | undefined;
  readonly data: Json | undefined;
  readonly cancel: CancelEnd | undefined;

  constructor(
    readonly kind: CallErrorKind,
    message: string,
    details: CallErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.errorClass = details.errorClass;
    this.reportedAs = details.reportedAs;
    this.retryAfterMs = details.retryAfterMs;
    this.retryable = details.retryable ?? kind === 'not-sent';
    this.code = details.rpc?.code;
    this.data = details.rpc?.data;
    this.cancel = details.cancel;
  }

  /** JSON-RPC error that the server answered with. */
  get rpcError(): RpcErrorObject | undefined {
    const { kind, code, message, data } = this;
    if (kind !== 'rejected' || code === undefined) return undefined;
    return { code, message, ...(data !== undefined && { data }) };
  }

  /**
   * Whether the error says something about the server's health: without a connection, the server
   * has not seen the call.
   */
  get reachedServer(): boolean {
    if (this.errorClass === undefined) return false;
    return this.kind !== 'not-sent' || this.errorClass !== 'network';
  }
}

/** Creates the error of a call that was cancelled after it was sent. */
export function cancelled(how: CancelEnd): CallError {
  return new CallError('cancelled', CANCELLED[how], { cancel: how });
}
