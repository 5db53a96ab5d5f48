import { type ListingChange } from '../../client/internal';
import {
  type ExposedPrompt,
  type ExposedResource,
  type ExposedTool,
} from '../../domain/endpoint/endpoint-content';
import { type Scope } from '../exchange';
import { type JsonObject } from '../../base/json';

export { type ExposedTool };
export { type ListingChange as CatalogueChange };

/** What an endpoint offers at one time, sorted, from what is stored: it is there whatever the servers do. */
export interface EndpointView {
  /** Changes exactly when something in it does. */
  readonly version: string;
  /** What `tools/list` lists of servers; where clients search, only what is always listed. */
  readonly tools: readonly ExposedTool[];
  /** Every tool that can be called, listed or found by a search. */
  readonly allTools: readonly ExposedTool[];
  readonly prompts: readonly ExposedPrompt[];
  readonly resources: readonly ExposedResource[];
  /** `uri` and `original` are templates (RFC 6570). */
  readonly templates: readonly ExposedResource[];
  /** MCP ServerCapabilities of the servers in it, united; Mainspring's own not yet added. */
  readonly capabilities: JsonObject;
  readonly instructions?: string;
  /** `search_tools` and `call_tool` are listed too (`SEARCH_DEFINITIONS`), and found by no other name. */
  readonly searches: boolean;
  /** Also one that is not listed. */
  tool(name: string): ExposedTool | undefined;
  prompt(name: string): ExposedPrompt | undefined;
  /** Which server a URI belongs to, listed or matched by a template. */
  resolve(uri: string): { server: string; original: string } | undefined;
  /** A URI of a server as clients of this endpoint know it. */
  expose(server: string, original: string): string;
}

export interface EndpointViews {
  /** @throws MainspringError UNKNOWN_SERVER, UNKNOWN_PROFILE; STORE_FAILED, INVENTORY_CORRUPT before anything is known */
  view(scope: Scope): Promise<EndpointView>;
  /**
   * Calls back after lists have changed, soon and once for changes that come together. A view of a scope need not have changed:
   * compare its version.
   */
  onChange(listener: (change: ListingChange) => void): () => void;
  close(): void;
}
