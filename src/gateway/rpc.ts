import { type Json, type JsonObject, type RpcErrorObject } from '../domain/calls';
import { type ErrorCode, reportOf } from '../domain/errors';
import { MAX_RPC_ID_LENGTH } from '../domain/limits';

export type RpcId = string | number;

/** Whether it can be sent back as often as an answer, and in an event id, bears it. */
export function isRpcId(id: unknown): id is RpcId {
  return typeof id === 'string' ? id.length <= MAX_RPC_ID_LENGTH : Number.isFinite(id);
}

export interface RpcRequest {
  jsonrpc: '2.0';
  id: RpcId;
  method: string;
  params?: JsonObject;
}

export interface RpcNotification {
  jsonrpc: '2.0';
  method: string;
  params?: JsonObject;
}

export type RpcResponse =
  | { jsonrpc: '2.0'; id: RpcId; result: JsonObject }
  | { jsonrpc: '2.0'; id: RpcId | null; error: RpcErrorObject };

export type RpcMessage = RpcRequest | RpcNotification | RpcResponse;

/** Codes of JSON-RPC 2.0 and of MCP (2026-07-28 reserves -32020 to -32099). */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** Mainspring's own: `data.code` is the stable code, `data.outcome` whether it ran. */
  serverError: -32000,
  /** Of MCP before 2026-07-28. */
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

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
