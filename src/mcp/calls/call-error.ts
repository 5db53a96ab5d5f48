import { type ErrorClass } from '../../domain/calls/error-class';
import { type ErrorCode } from '../../base/errors';
import { type Json } from '../../base/json';
import { type RpcErrorObject } from '../../base/jsonrpc';

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

/**
 * How a call ended that was cancelled after it was sent:
 * - `idle`: its server waited for the client, and had nothing under way.
 * - `answered`: the server answered after it was told.
 * - `silent`: the server was told, lives on and did not answer, as MCP asks of it; it may have run in part.
 * - `lost`: whether the server was told is not known, or it is gone.
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
  /** Of kind `cancelled`. */
  cancel?: CancelEnd;
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
  readonly cancel: CancelEnd | undefined;

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
    this.cancel = details.cancel;
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
export function cancelled(how: CancelEnd): CallError {
  return new CallError('cancelled', CANCELLED[how], { cancel: how });
}
