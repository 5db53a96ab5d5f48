import { type CallOrigin } from './input-requests';
import { type ErrorReport } from '../../base/errors';
import { type JsonObject } from '../../base/json';
import { type RpcErrorObject } from '../../base/jsonrpc';

/** Methods that reach a server through activity `mcpRequest`: they change nothing, so Temporal may retry them. */
export const REQUEST_METHODS = ['resources/read', 'prompts/get', 'completion/complete'] as const;
export type RequestMethod = (typeof REQUEST_METHODS)[number];

/** Input of activity `mcpRequest`, which runs on the server's call queue. */
export interface RequestInput {
  requestId: string;
  server: string;
  method: RequestMethod;
  /** Parameters without `_meta`. */
  params: JsonObject;
  timeoutMs: number;
  queueTimeoutMs: number;
  principal: string;
  correlationId: string;
  origin?: CallOrigin;
  meta?: JsonObject;
}

/** Result of activity `mcpRequest`: the server answered. */
export interface RequestAnswer {
  result?: JsonObject;
  /** Reference in the store to a result that is too large for Temporal. */
  resultRef?: string;
  rpcError?: RpcErrorObject;
  rpcErrorRef?: string;
  /** Set when the server answered and its answer could not be kept. */
  error?: ErrorReport;
}

/** Outcome as a caller gets it: an answer of the server, or why there is none. */
export type RequestOutcome =
  { result: JsonObject } | { rpcError: RpcErrorObject } | { error: ErrorReport };
