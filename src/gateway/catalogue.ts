import { type JsonObject } from '../domain/calls';
import { type Scope } from './exchange';

export interface ExposedTool {
  /** As clients see it. */
  name: string;
  server: string;
  /** As the server knows it. */
  tool: string;
  /** As clients see it: name, description and schema may be the profile's. */
  definition: JsonObject;
  /** Arguments that the profile sets, whatever the client sends. */
  pinned?: JsonObject;
}

export interface ExposedPrompt {
  name: string;
  server: string;
  prompt: string;
  definition: JsonObject;
}

export interface ExposedResource {
  uri: string;
  server: string;
  /** As the server knows it. */
  original: string;
  definition: JsonObject;
}

/** What an endpoint offers at one time, sorted, from what is stored: it is there whatever the servers do. */
export interface View {
  /** Changes exactly when something in it does. */
  readonly version: string;
  readonly tools: readonly ExposedTool[];
  readonly prompts: readonly ExposedPrompt[];
  readonly resources: readonly ExposedResource[];
  /** `uri` and `original` are templates (RFC 6570). */
  readonly templates: readonly ExposedResource[];
  /** MCP ServerCapabilities of the servers in it, united; Mainspring's own not yet added. */
  readonly capabilities: JsonObject;
  readonly instructions?: string;
  /** In place of the tools: `search_tools` and `call_tool`. */
  readonly searches: boolean;
  tool(name: string): ExposedTool | undefined;
  prompt(name: string): ExposedPrompt | undefined;
  /** Which server a URI belongs to, listed or matched by a template. */
  resolve(uri: string): { server: string; original: string } | undefined;
  /** A URI of a server as clients of this endpoint know it. */
  expose(server: string, original: string): string;
}

export interface Catalogues {
  /** @throws RpcError, or MainspringError UNKNOWN_SERVER, UNKNOWN_PROFILE */
  view(scope: Scope): Promise<View>;
  /** Calls back after lists have changed, soon and once for changes that come together. */
  onChange(listener: (change: CatalogueChange) => void): () => void;
  close(): void;
}

export interface CatalogueChange {
  kinds: ReadonlySet<'tools' | 'resources' | 'prompts'>;
  servers: ReadonlySet<string>;
}
