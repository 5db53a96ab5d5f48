import { META } from '../../base/mcp-names';
import { isJsonObject, type JsonObject } from '../../base/json';

/** Time for which clients of the modern era may cache lists; changes are notified too. */
const LIST_FRESH_MS = 5_000;

/**
 * Results that clients may cache, and for how long if their server does not specify it (2026-07-28,
 * Caching).
 */
const FRESH_MS: Readonly<Record<string, number>> = {
  'server/discover': LIST_FRESH_MS,
  'tools/list': LIST_FRESH_MS,
  'prompts/list': LIST_FRESH_MS,
  'resources/list': LIST_FRESH_MS,
  'resources/templates/list': LIST_FRESH_MS,
  'resources/read': 0,
};

/**
 * Completes a result for the modern era: its type, the server info, and how long it may be cached.
 */
export function complete(
  method: string,
  result: JsonObject,
  serverInfo: JsonObject,
  { isRetry = false }: { isRetry?: boolean } = {},
): JsonObject {
  const { resultType = 'complete', _meta, ...members } = result;
  const meta = isJsonObject(_meta) ? _meta : {};
  const isCacheable = resultType === 'complete' && Object.hasOwn(FRESH_MS, method);
  return {
    resultType,
    ...members,
    ...(isCacheable && cacheHints(method, members, isRetry)),
    _meta: { [META.serverInfo]: serverInfo, ...meta },
  };
}

/**
 * The answers of a second round are not part of the cache key, so the result must not be cached.
 */
function cacheHints(
  method: string,
  { ttlMs, cacheScope }: JsonObject,
  isRetry: boolean,
): JsonObject {
  const isKnown = typeof ttlMs === 'number' && Number.isInteger(ttlMs) && ttlMs >= 0;
  return {
    ttlMs: isRetry ? 0 : isKnown ? ttlMs : (FRESH_MS[method] ?? 0),
    cacheScope: !isRetry && cacheScope === 'public' ? 'public' : 'private',
  };
}
