import { type Json, type JsonObject } from './json';

/** Maximum of messages in one batch (2025-03-26). */
export const MAX_BATCH_MESSAGES = 100;

export type RpcId = string | number;

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
  /** Used by the SDKs. */
  requestTimeout: -32001,
  /** Defined by MCP before 2026-07-28. */
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
  /** The client has to open a URL before it tries again (URLElicitationRequiredError). */
  urlElicitationRequired: -32042,
  /** Defined by MCP for sampling that the user has refused. */
  userRejected: -1,
} as const;

/** A JSON-RPC error as it was sent. */
export interface RpcErrorObject {
  code: number;
  message: string;
  data?: Json;
}
