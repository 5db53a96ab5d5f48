import { RpcError } from '../rpc';
import { type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/**
 * Tool call or other request that Temporal has, so that any process can continue it; or a direct
 * call, which only this process can.
 */
export interface Started {
  /** Activity ID; empty if Temporal does not have the call (direct, from the cache, or refused). */
  readonly callId: string;
  readonly server: string;
  /**
   * Resolves with the server's result as clients of this endpoint see it, the same each time;
   * rejects with RpcError.
   */
  result(): Promise<JsonObject>;
  /** Cancels the call, or notifies the server; the result shows how it ended. */
  cancel(reason: string): Promise<void>;
}

export interface StartOptions {
  /** Uses Temporal even if the tool has a direct path or its result is cached. */
  durable?: boolean;
}

/** Creates the error for an item that does not exist, or not for this client. */
export function unknown(what: string, data?: JsonObject): RpcError {
  return new RpcError(RPC.invalidParams, `Unknown ${what}`, data);
}
