import { type InputRequest, type InputResponse } from '../domain/calls/input-requests';
import { type JsonObject } from '../base/json';
import { type RpcId } from '../base/jsonrpc';

/**
 * Servers that an endpoint exposes: all, those of a profile, or one server with its names
 * unchanged.
 */
export type Scope =
  { kind: 'all' } | { kind: 'profile'; name: string } | { kind: 'server'; name: string };

export type Era = 'legacy' | 'modern';

/** Client behind a request. */
export interface Caller {
  /** Scopes idempotency keys, tasks, sessions and private results. */
  principal: string;
  scope: Scope;
  era: Era;
  /** MCP ClientCapabilities. */
  capabilities: JsonObject;
  /** MCP Implementation. */
  clientInfo?: JsonObject;
  /** ID of the session; legacy only. */
  session?: string;
  /** MCP log level that the client requested; absent if it requested none. */
  logLevel?: string;
}

/** Request of a client while it is handled, independent of its era and transport. */
export interface Exchange {
  readonly caller: Caller;
  readonly requestId: RpcId;
  /** `_meta` as the client sent it. */
  readonly meta: JsonObject;
  /**
   * Fires when the client cancels the request (legacy: by a notification; modern: by closing the
   * stream).
   */
  readonly signal: AbortSignal;
  /**
   * Sends a notification on the stream of this request; dropped if the client can no longer receive
   * it.
   */
  notify(method: string, params: JsonObject): void;
  /**
   * Sends an input request of the server to this client. Legacy: resolves with the client's answer.
   * Modern: the request ends with `input_required`, and the promise resolves with the answer of the
   * client's next request, if that reaches this process.
   */
  requestInput(ask: InputRequest): Promise<InputResponse>;
}
