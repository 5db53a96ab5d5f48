import { type Json, type JsonObject } from './calls';
import { type UncheckedTool } from './schemas/unchecked-tools';

/** A tool as the server listed it; unknown members are kept. */
export interface ToolDefinition {
  name: string;
  title?: string;
  description?: string;
  inputSchema: JsonObject;
  annotations?: { readOnlyHint?: boolean; idempotentHint?: boolean; destructiveHint?: boolean };
  [member: string]: Json | undefined;
}

/** The tools of a server at one time, stored by the hash of their canonical JSON. */
export interface ToolCatalogue {
  server: string;
  toolsHash: string;
  tools: ToolDefinition[];
  listedAtMs: number;
  /** What is not checked of arguments; absent as long as nobody has looked. */
  unchecked?: UncheckedTool[];
}
