import { META } from '../../base/mcp-names';
import { isJsonObject, type JsonObject } from '../../base/json';

/** How long clients of the modern era may take lists for fresh; changes are told besides. */
const LIST_FRESH_MS = 5_000;

/** Which results clients may keep, and for how long when their server does not say (2026-07-28, Caching). */
const FRESH_MS: Readonly<Record<string, number>> = {
  'server/discover': LIST_FRESH_MS,
  'tools/list': LIST_FRESH_MS,
  'prompts/list': LIST_FRESH_MS,
  'resources/list': LIST_FRESH_MS,
  'resources/templates/list': LIST_FRESH_MS,
  'resources/read': 0,
};

/** A result as the modern era sends it: what kind it is, who answers, and how long it may be kept. */
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

/** What a client brought in a second round is no part of what it would keep the result under. */
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
