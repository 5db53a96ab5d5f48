import { canonicalJson } from '../../base/canonical-json';
import { type ToolDefinition } from '../../domain/catalogue/tools';
import { sha256 } from '../../base/sha256';

/** Hash of a whole tool list with every member of every tool: whatever a server changes in it, the hash changes. */
export function hashTools(tools: readonly ToolDefinition[]): string {
  return sha256(canonicalJson(tools));
}
