import { createHash } from 'node:crypto';
import { canonicalJson } from '../../base/canonical-json';
import { type ToolDefinition } from '../../domain/catalogue/tools';

/** Hash of a whole tool list with every member of every tool: whatever a server changes in it, the hash changes. */
export function hashTools(tools: readonly ToolDefinition[]): string {
  return createHash('sha256').update(canonicalJson(tools)).digest('hex');
}
