import { type JsonObject } from '../../base/json';

/** Session of a legacy client with the gateway: everything that a gateway process needs to continue it. */
export interface GatewaySession {
  /** Random; not a credential: only `principal` may use it. */
  id: string;
  principal: string;
  /** Endpoint that it was opened on. */
  scope: string;
  protocolVersion: string;
  /** MCP Implementation. */
  clientInfo: JsonObject;
  /** MCP ClientCapabilities. */
  capabilities: JsonObject;
  /** MCP log level that the client has set. */
  logLevel?: string;
  /** URIs, as the client knows them, to whose updates it has subscribed. */
  subscriptions: string[];
  createdAtMs: number;
  /** Time of the last use, in ms. It is written lazily: the last use may be a little later. */
  seenAtMs: number;
}
