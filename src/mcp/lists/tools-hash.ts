import { createHash } from 'node:crypto';
import { canonicalJson } from '../../base/canonical-json';
import { type ToolDefinition } from '../../domain/catalogue/tools';

/** Hashes a tool list with every member of every tool, so that any change changes the hash. */
export function hashTools(tools: readonly ToolDefinition[]): string {
  return createHash('sha256').update(canonicalJson(tools)).digest('hex');
}
