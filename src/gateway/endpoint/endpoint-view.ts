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

/**
 * Content of an endpoint at one time, sorted. It comes from the store, so it does not depend on
 * running servers.
 */
export interface EndpointView {
  /** Changes if and only if the content changes. */
  readonly version: string;
  /**
   * Tools of servers in `tools/list`; if the endpoint uses tool search, only those that are always
   * listed.
   */
  readonly tools: readonly ExposedTool[];
  /** All tools that can be called, whether listed or found by a search. */
  readonly allTools: readonly ExposedTool[];
  readonly prompts: readonly ExposedPrompt[];
  readonly resources: readonly ExposedResource[];
  /** `uri` and `original` are templates (RFC 6570). */
  readonly templates: readonly ExposedResource[];
  /** MCP ServerCapabilities of its servers, united; without Mainspring's own. */
  readonly capabilities: JsonObject;
  readonly instructions?: string;
  /**
   * Whether `search_tools` and `call_tool` (`SEARCH_DEFINITIONS`) are listed too; `tool` does not
   * find them.
   */
  readonly searches: boolean;
  /** Finds a tool, even if it is not listed. */
  tool(name: string): ExposedTool | undefined;
  prompt(name: string): ExposedPrompt | undefined;
  /** Returns the server of a URI that is listed or matches a template. */
  resolve(uri: string): { server: string; original: string } | undefined;
  /** Returns a server's URI as clients of this endpoint know it. */
  expose(server: string, original: string): string;
}

export interface EndpointViews {
  /**
   * @throws MainspringError UNKNOWN_SERVER, UNKNOWN_PROFILE; STORE_FAILED, INVENTORY_CORRUPT if
   * nothing was loaded before
   */
  view(scope: Scope): Promise<EndpointView>;
  /**
   * Calls the listener shortly after lists have changed, once for changes that come together. The
   * view of a scope need not have changed: compare its version.
   */
  onChange(listener: (change: ListingChange) => void): () => void;
  close(): void;
}
