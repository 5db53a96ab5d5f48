import { type CallOptions } from './open-call';
import { isJsonObject, type JsonObject } from '../../base/json';
import { type McpSession } from '../session/mcp-session';
import { META, TASKS_EXTENSION } from '../../base/mcp-names';

/**
 * Returns the `_meta` of a request. It tells a modern server the capabilities of the client, so
 * that the server sends no input request that the client cannot answer. Tasks are always supported,
 * because we follow them ourselves.
 */
export function metaFor(
  { client, logLevel }: McpSession,
  { meta, client: caller }: CallOptions,
): JsonObject | undefined {
  if (client.getProtocolEra() !== 'modern') return meta;
  const level = caller?.logLevel ?? logLevel;
  const { tasks: _legacy, extensions, ...capabilities } = caller?.capabilities ?? {};
  return {
    ...meta,
    [META.capabilities]: {
      ...capabilities,
      extensions: { ...(isJsonObject(extensions) && extensions), [TASKS_EXTENSION]: {} },
    },
    ...(level !== undefined && { [META.logLevel]: level }),
  };
}
