import { type ListFlaw } from './list-flaws';
import { type JsonObject } from '../../base/json';

/** Everything but tools that a server offers, as it listed it last; stored, so that it can be listed while the server is away. */
export interface ServerCatalogue {
  server: string;
  serverInfo: JsonObject;
  instructions?: string;
  /** MCP ServerCapabilities. */
  capabilities: JsonObject;
  protocolVersion: string;
  era: 'legacy' | 'modern';
  /**
   * Definitions with every member, as the server listed them. Only secrets in their descriptions are masked, and what
   * clients would refuse is corrected.
   */
  resources: JsonObject[];
  templates: JsonObject[];
  prompts: JsonObject[];
  /** Flaws that were corrected. */
  flaws?: ListFlaw[];
  /** sha256 of the canonical JSON of all above except the flaws. */
  offerHash: string;
  listedAtMs: number;
}
