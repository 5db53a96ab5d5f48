import { type Json, type RpcErrorObject } from '../domain/calls';
import { type ErrorClass } from '../domain/error-class';
import { type ErrorCode } from '../domain/errors';

/**
 * Why a call has no result, told apart by whether the tool may have run:
 * - `not-sent`: it did not run; nothing reached the server, or the transport refused it before the server's code.
 * - `rejected`: the server answered with a JSON-RPC error.
 * - `lost`: it was sent and no answer came; it may or may not have run.
 * - `cancelled`: it was aborted after it was sent.
 *
 * The kind decides, not whether `onSent` was called: a refused TCP connection is noticed only after `onSent`.
 */
export type CallErrorKind = 'not-sent' | 'rejected' | 'lost' | 'cancelled';

interface CallErrorDetails {
  cause?: unknown;
  /** Left out when the error says nothing about the server: the call was cancelled, or its host gave up. */
  errorClass?: ErrorClass;
  /** What is told of the call in place of OUTCOME_UNKNOWN. */
  toldAs?: ErrorCode | undefined;
  /** How long the server asked to be left alone (HTTP 429 and 503). */
  retryAfterMs?: number;
  /** `not-sent`: another attempt may succeed (false for 401, 403 and the like). */
  retryable?: boolean;
  /** `rejected`: what the server answered. */
  rpc?: { code: number; data?: Json };
  /** `cancelled`: the server still answered, so that it is known to have stopped. */
  confirmed?: boolean;
}

/** A call without a result. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly errorClass: ErrorClass | undefined;
  readonly toldAs: ErrorCode | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retryable: boolean;
  readonly code: number | undefined;
  readonly data: Json | undefined;
  readonly confirmed: boolean;

  constructor(
    readonly kind: CallErrorKind,
    message: string,
    details: CallErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.errorClass = details.errorClass;
    this.toldAs = details.toldAs;
    this.retryAfterMs = details.retryAfterMs;
    this.retryable = details.retryable ?? kind === 'not-sent';
    this.code = details.rpc?.code;
    this.data = details.rpc?.data;
    this.confirmed = details.confirmed ?? false;
  }

  /** The JSON-RPC error that the server answered with. */
  get rpcError(): RpcErrorObject | undefined {
    const { kind, code, message, data } = this;
    if (kind !== 'rejected' || code === undefined) return undefined;
    return { code, message, ...(data !== undefined && { data }) };
  }

  /** Whether it tells how the server is: a server that no connection could be made to has not seen the call. */
  get reachedServer(): boolean {
    if (this.errorClass === undefined) return false;
    return this.kind !== 'not-sent' || this.errorClass !== 'network';
  }
}

/** The end of a call that was cancelled after it was sent. */
export function cancelled(confirmed: boolean): CallError {
  const message = confirmed
    ? 'cancelled; the server confirmed it'
    : 'cancelled; the server did not confirm it';
  return new CallError('cancelled', message, { confirmed });
}
