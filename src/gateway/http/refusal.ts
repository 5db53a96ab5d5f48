import { type OutgoingHttpHeaders } from 'node:http';
import { type ErrorCode, MainspringError, reportOf } from '../../base/errors';
import { RpcError } from '../rpc';
import { isJsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** What a client is told to wait before it tries again when it is over a limit, in seconds. */
export const RETRY_AFTER_S = 1;

/** A request that is answered with an HTTP status in place of what it asked for. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly error: RpcError,
    readonly headers: OutgoingHttpHeaders = {},
  ) {
    super(error.message);
  }

  /** The stable code, if it has one. */
  get code(): string {
    const code = isJsonObject(this.error.data) ? this.error.data['code'] : undefined;
    return typeof code === 'string' ? code : '';
  }
}

/** With a stable code and what to do about it. */
export function refusal(
  status: number,
  code: ErrorCode,
  message: string,
  { fix, headers = {} }: { fix?: string; headers?: OutgoingHttpHeaders } = {},
): Refusal {
  return new Refusal(status, codedError(new MainspringError(code, message, { fix })), headers);
}

/** One that only breaks rules of HTTP or JSON-RPC. */
export function badRequest(
  status: number,
  message: string,
  { code = RPC.serverError, headers }: { code?: number; headers?: OutgoingHttpHeaders } = {},
): Refusal {
  return new Refusal(status, new RpcError(code, message), headers);
}

/** Any thrown value as the refusal that its sender gets. What is not meant for it is INTERNAL_ERROR. */
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
