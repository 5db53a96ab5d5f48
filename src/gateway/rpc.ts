import { type ErrorCode, reportOf } from '../base/errors';
import { type Json, type JsonObject } from '../base/json';
import { type RpcErrorObject, type RpcId, RPC } from '../base/jsonrpc';

/** Longest id of a request, and longest progress token, in characters: each event of a stream carries both. */
const MAX_RPC_ID_LENGTH = 512;

/** Whether it can be sent back as often as an answer, and in an event id, bears it. */
export function isRpcId(id: unknown): id is RpcId {
  return typeof id === 'string' ? id.length <= MAX_RPC_ID_LENGTH : Number.isFinite(id);
}

/** What a request is answered with in place of a result. */
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

/** What belongs to the names in a request, not to the state of Mainspring. */
const INVALID: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNKNOWN_SERVER',
  'UNKNOWN_TOOL',
  'UNKNOWN_CALL',
  'UNKNOWN_PROFILE',
  'IDEMPOTENCY_CONFLICT',
  'WRONG_USAGE',
]);

/** Any thrown value as clients of MCP get it, with the stable code and the fix in `data`. */
export function rpcErrorOf(error: unknown, more: JsonObject = {}): RpcError {
  if (error instanceof RpcError) return error;
  const { code, message, fix } = reportOf(error);
  const rpcCode = INVALID.has(code) ? RPC.invalidParams : RPC.serverError;
  return new RpcError(rpcCode, message, { code, fix, ...more });
}
