import { type CallOptions } from './open-call';
import { isJsonObject, type JsonObject } from '../../base/json';
import { type McpSession } from '../session/mcp-session';
import { META, TASKS_EXTENSION } from '../../base/mcp-names';

/**
 * `_meta` of a request. A modern server is told with each what its client can do, so that it asks nobody for what he cannot give;
 * tasks are followed for everybody.
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
