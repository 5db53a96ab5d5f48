import { RpcError } from '../rpc';
import { type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** A tool call or other request that Temporal has, so that any process can go on with it; or a direct call, which only this one can. */
export interface Started {
  /** Activity id; empty when Temporal does not have the call (direct, from the cache, or refused). */
  readonly callId: string;
  readonly server: string;
  /** The server's result as clients of this endpoint see it, the same each time; rejects with RpcError. */
  result(): Promise<JsonObject>;
  /** Takes the call back, or tells the server; the result says how it ended. */
  cancel(reason: string): Promise<void>;
}

export interface StartOptions {
  /** Through Temporal, also when the tool has a direct path or its result is cached. */
  durable?: boolean;
}

/** What is called or asked for is not there, or not for this client. */
export function unknown(what: string, data?: JsonObject): RpcError {
  return new RpcError(RPC.invalidParams, `Unknown ${what}`, data);
}
