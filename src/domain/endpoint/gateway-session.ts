import { type JsonObject } from '../../base/json';

/** A legacy client's session with the gateway: all that a gateway process needs to go on with it. */
export interface GatewaySession {
  /** Random; not a credential: only `principal` may use it. */
  id: string;
  principal: string;
  /** The endpoint that it was opened on. */
  scope: string;
  protocolVersion: string;
  /** MCP Implementation. */
  clientInfo: JsonObject;
  /** MCP ClientCapabilities. */
  capabilities: JsonObject;
  /** MCP log level that the client has set. */
  logLevel?: string;
  /** URIs, as the client knows them, whose updates it wants. */
  subscriptions: string[];
  createdAtMs: number;
  /** Written lazily: the last use may be a little younger. */
  seenAtMs: number;
}
