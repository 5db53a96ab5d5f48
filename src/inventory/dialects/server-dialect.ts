import { type DialectName, isObject } from './dialect';

const RUNTIME_TYPES = new Set<unknown>(['nodejs', 'node', 'python', 'docker']);

/**
 * Detects the dialect of an entry in `{"servers": …}`: VS Code, OpenCode from version 2 on, or managers that write
 * `type: nodejs` or `python` and `health_check`.
 */
export function dialectOfServer(value: unknown): DialectName {
  if (!isObject(value)) return 'vscode';
  if (RUNTIME_TYPES.has(value['type']) || 'health_check' in value) return 'typed';
  if (Array.isArray(value['command']) || 'environment' in value) return 'opencode';
  return 'vscode';
}
