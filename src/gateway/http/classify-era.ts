import { type Era } from '../exchange';
import { isJsonObject } from '../../base/json';
import { META, MODERN_VERSION } from '../../base/mcp-names';

const VERSION = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Returns the era of a POST: by its body, then by the header `MCP-Protocol-Version`; otherwise
 * legacy.
 */
export function eraOfRequest(versionHeader: string | undefined, body: unknown): Era {
  if (eraOfMessage(body) === 'modern') return 'modern';
  return versionHeader !== undefined && isModernVersion(versionHeader) ? 'modern' : 'legacy';
}

/** Returns the era of one message on a connection without headers. A batch is never modern. */
export function eraOfMessage(message: unknown): Era {
  if (!isJsonObject(message)) return 'legacy';
  const { method, params } = message;
  if (method === 'server/discover') return 'modern';
  const meta = isJsonObject(params) ? params['_meta'] : undefined;
  return isJsonObject(meta) && meta[META.version] !== undefined ? 'modern' : 'legacy';
}

/**
 * Whether a version is modern. This includes future versions, for which the modern era can name the
 * supported ones.
 */
export function isModernVersion(version: string): boolean {
  const trimmed = version.trim();
  return VERSION.test(trimmed) && trimmed >= MODERN_VERSION; // dates, which compare as text
}
