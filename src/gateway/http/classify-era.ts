import { type Era } from '../exchange';
import { isJsonObject } from '../../base/json';
import { META, MODERN_VERSION } from '../../base/mcp-names';

const VERSION = /^\d{4}-\d{2}-\d{2}$/;

/** The era of a POST: the body's claim counts, then the header `MCP-Protocol-Version`; anything else is legacy. */
export function eraOfRequest(versionHeader: string | undefined, body: unknown): Era {
  if (eraOfMessage(body) === 'modern') return 'modern';
  return versionHeader !== undefined && isModernVersion(versionHeader) ? 'modern' : 'legacy';
}

/** The era of one message on a connection that has no headers. A batch is none of the modern era. */
export function eraOfMessage(message: unknown): Era {
  if (!isJsonObject(message)) return 'legacy';
  const { method, params } = message;
  if (method === 'server/discover') return 'modern';
  const meta = isJsonObject(params) ? params['_meta'] : undefined;
  return isJsonObject(meta) && meta[META.version] !== undefined ? 'modern' : 'legacy';
}

/** Also versions that do not exist yet: the modern era can say which ones do. */
export function isModernVersion(version: string): boolean {
  const trimmed = version.trim();
  return VERSION.test(trimmed) && trimmed >= MODERN_VERSION; // dates, which compare as text
}
