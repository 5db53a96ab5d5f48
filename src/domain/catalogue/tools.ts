import { type SchemaGap } from '../schemas/compile-schema';
import { type ListFlaw } from './list-flaws';
import { type Json, type JsonObject } from '../../base/json';

/** Tool whose arguments are not checked before a call, or only against a part of its schema. */
export interface UncheckedTool extends SchemaGap {
  tool: string;
}

/** Tool as the server listed it, corrected where clients would refuse it; unknown members are kept. */
export interface ToolDefinition {
  name: string;
  title?: string;
  description?: string;
  inputSchema: JsonObject;
  annotations?: { readOnlyHint?: boolean; idempotentHint?: boolean; destructiveHint?: boolean };
  [member: string]: Json | undefined;
}

/** Tools that a server lists, as far as they can be accepted. */
export interface ListedTools {
  tools: ToolDefinition[];
  flaws: ListFlaw[];
  /** Reason why the rest of the list is missing. */
  brokenOff?: string;
}

/** Tools of a server at one time, stored by the hash of their canonical JSON. */
export interface ToolCatalogue {
  server: string;
  toolsHash: string;
  tools: ToolDefinition[];
  listedAtMs: number;
  /** Parts of the arguments that are not checked; absent until that has been determined. */
  unchecked?: UncheckedTool[];
  /** Flaws that were corrected. */
  flaws?: ListFlaw[];
}
