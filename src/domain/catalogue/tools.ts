import { type SchemaGap } from '../schemas/compile-schema';
import { type ListFlaw } from './list-flaws';
import { type Json, type JsonObject } from '../../base/json';

/** A tool whose arguments are not checked before a call, or not by all that its schema says. */
export interface UncheckedTool extends SchemaGap {
  tool: string;
}

/** A tool as the server listed it, put right where clients would refuse it; unknown members are kept. */
export interface ToolDefinition {
  name: string;
  title?: string;
  description?: string;
  inputSchema: JsonObject;
  annotations?: { readOnlyHint?: boolean; idempotentHint?: boolean; destructiveHint?: boolean };
  [member: string]: Json | undefined;
}

/** What a server lists, as far as it can be taken. */
export interface ListedTools {
  tools: ToolDefinition[];
  flaws: ListFlaw[];
  /** Why the rest did not come. */
  brokenOff?: string;
}

/** The tools of a server at one time, stored by the hash of their canonical JSON. */
export interface ToolCatalogue {
  server: string;
  toolsHash: string;
  tools: ToolDefinition[];
  listedAtMs: number;
  /** What is not checked of arguments; absent as long as nobody has looked. */
  unchecked?: UncheckedTool[];
  /** What is not passed on as the server listed it. */
  flaws?: ListFlaw[];
}
