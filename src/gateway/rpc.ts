import { type ErrorCode, reportOf } from '../base/errors';
import { type Json, type JsonObject } from '../base/json';
import { type RpcErrorObject, type RpcId, RPC } from '../base/jsonrpc';

/**
 * Longest ID of a request, and longest progress token, in characters: each event of a stream
 * contains both.
 */
const MAX_RPC_ID_LENGTH = 512;

/** Whether a value is a valid ID that fits into answers and event IDs. */
export function isRpcId(id: unknown): id is RpcId {
  return typeof id === 'string' ? id.length <= MAX_RPC_ID_LENGTH : Number.isFinite(id);
}

/** JSON-RPC error that a request is answered with. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: Json,
  ) {
    super(message);
  }

  toObject(): RpcErrorObject {
    const { code, message, data } = this;
    return { code, message, ...(data !== undefined && { data }) };
  }
}

/** Codes for wrong names in a request, as opposed to the state of Mainspring. */
const INVALID: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNKNOWN_SERVER',
  'UNKNOWN_TOOL',
  'UNKNOWN_CALL',
  'UNKNOWN_PROFILE',
  'IDEMPOTENCY_CONFLICT',
  'WRONG_USAGE',
]);

/**
 * Converts any thrown value to an error for MCP clients, with the stable code and the fix in
 * `data`.
 */
export function rpcErrorOf(error: unknown, more: JsonObject = {}): RpcError {
  if (error instanceof RpcError) return error;
  const { code, message, fix } = reportOf(error);
  const rpcCode = INVALID.has(code) ? RPC.invalidParams : RPC.serverError;
  return new RpcError(rpcCode, message, { code, fix, ...more });
}
