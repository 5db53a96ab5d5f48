import { type OutgoingHttpHeaders } from 'node:http';
import { type ErrorCode, MainspringError, reportOf } from '../../base/errors';
import { RpcError } from '../rpc';
import { isJsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Pause in seconds that is sent to a client over a limit. */
export const RETRY_AFTER_S = 1;

/** Request that is refused with an HTTP status. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly error: RpcError,
    readonly headers: OutgoingHttpHeaders = {},
  ) {
    super(error.message);
  }

  /** Stable code; empty if the refusal has none. */
  get code(): string {
    const code = isJsonObject(this.error.data) ? this.error.data['code'] : undefined;
    return typeof code === 'string' ? code : '';
  }
}

/** Creates a refusal with a stable code and a fix. */
export function refusal(
  status: number,
  code: ErrorCode,
  message: string,
  { fix, headers = {} }: { fix?: string; headers?: OutgoingHttpHeaders } = {},
): Refusal {
  return new Refusal(status, codedError(new MainspringError(code, message, { fix })), headers);
}

/** Creates a refusal for a violation of HTTP or JSON-RPC. */
export function badRequest(
  status: number,
  message: string,
  { code = RPC.serverError, headers }: { code?: number; headers?: OutgoingHttpHeaders } = {},
): Refusal {
  return new Refusal(status, new RpcError(code, message), headers);
}

/**
 * Converts any thrown value to the refusal for its sender. Unexpected errors become INTERNAL_ERROR.
 */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof RpcError) return new Refusal(400, error);
  if (error instanceof MainspringError) {
    const status = STATUS[error.code] ?? 500;
    return new Refusal(status, codedError(error), status === 429 ? RETRY : {});
  }
  return new Refusal(500, new RpcError(RPC.internalError, reportOf(error).message));
}

const RETRY: OutgoingHttpHeaders = { 'Retry-After': RETRY_AFTER_S };

const STATUS: Partial<Record<ErrorCode, number>> = {
  UNKNOWN_SERVER: 404,
  UNKNOWN_PROFILE: 404,
  UNKNOWN_SESSION: 404,
  ACCESS_REFUSED: 403,
  GATEWAY_BUSY: 429,
};

function codedError({ code, message, fix }: MainspringError): RpcError {
  return new RpcError(RPC.serverError, message, { code, fix });
}
