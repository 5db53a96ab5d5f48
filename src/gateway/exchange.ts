import { type InputRequest, type InputResponse } from '../domain/calls/input-requests';
import { type JsonObject } from '../base/json';
import { type RpcId } from '../base/jsonrpc';

/** What an endpoint exposes: everything, a profile, or one server with its names untouched. */
export type Scope =
  { kind: 'all' } | { kind: 'profile'; name: string } | { kind: 'server'; name: string };

export type Era = 'legacy' | 'modern';

/** Who is behind a request. */
export interface Caller {
  /** Scopes idempotency keys, tasks, sessions and private results. */
  principal: string;
  scope: Scope;
  era: Era;
  /** MCP ClientCapabilities. */
  capabilities: JsonObject;
  /** MCP Implementation. */
  clientInfo?: JsonObject;
  /** Id of the session; legacy only. */
  session?: string;
  /** MCP log level that the client wants to hear; absent: none was asked for. */
  logLevel?: string;
}

/** One request of a client while it is handled, whatever its era and transport. */
export interface Exchange {
  readonly caller: Caller;
  readonly requestId: RpcId;
  /** `_meta` as the client sent it. */
  readonly meta: JsonObject;
  /** Fires when the client cancels the request (legacy: by notification; modern: by closing the stream). */
  readonly signal: AbortSignal;
  /** Sends a notification on the stream of this request. One that nobody can hear any more is dropped. */
  notify(method: string, params: JsonObject): void;
  /**
   * Puts a request of the server to this client. Legacy: it is sent, and the promise is the answer. Modern: the request ends
   * with `input_required`, and the promise is what the client's next request brings, if that comes to this process.
   */
  ask(ask: InputRequest): Promise<InputResponse>;
}
