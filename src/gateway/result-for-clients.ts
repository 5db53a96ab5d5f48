import { type EndpointView } from './endpoint/endpoint-view';
import { rewriteUris } from './endpoint/rewrite-uris';
import { type JsonObject } from '../base/json';

/** A server's result with its URIs as clients of this endpoint know them. */
export function resultForClients(
  result: JsonObject,
  view: EndpointView,
  server: string,
): JsonObject {
  return rewriteUris(result, view, server);
}
