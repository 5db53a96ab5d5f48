import { type ListFlaw } from './list-flaws';
import { type JsonObject } from '../../base/json';

/** What a server offers beside tools, as it said it last; stored, so that it can be listed while the server is away. */
export interface ServerCatalogue {
  server: string;
  serverInfo: JsonObject;
  instructions?: string;
  /** MCP ServerCapabilities. */
  capabilities: JsonObject;
  protocolVersion: string;
  era: 'legacy' | 'modern';
  /**
   * Definitions with every member, as the server listed them; only secrets in their descriptions are masked, and what clients would
   * refuse is put right.
   */
  resources: JsonObject[];
  templates: JsonObject[];
  prompts: JsonObject[];
  /** What is not passed on as the server listed it. */
  flaws?: ListFlaw[];
  /** sha256 of the canonical JSON of all above but the flaws. */
  offerHash: string;
  listedAtMs: number;
}
