import { type JsonObject } from './calls';

/** What a server offers beside tools, as it said it last; stored, so that it can be listed while the server is away. */
export interface ServerOffer {
  server: string;
  serverInfo: JsonObject;
  instructions?: string;
  /** MCP ServerCapabilities. */
  capabilities: JsonObject;
  protocolVersion: string;
  era: 'legacy' | 'modern';
  /** Definitions exactly as the server listed them. */
  resources: JsonObject[];
  templates: JsonObject[];
  prompts: JsonObject[];
  /** sha256 of the canonical JSON of all above. */
  offerHash: string;
  listedAtMs: number;
}
