import { canonicalJson } from '../../base/canonical-json';
import { type ToolDefinition } from '../../domain/catalogue/tools';
import { sha256 } from '../../base/sha256';

/** Hashes a tool list with every member of every tool, so that any change changes the hash. */
export function hashTools(tools: readonly ToolDefinition[]): string {
  return sha256(canonicalJson(tools));
}
