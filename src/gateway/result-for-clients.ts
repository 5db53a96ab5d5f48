import { type EndpointView } from './endpoint/endpoint-view';
import { rewriteUris } from './endpoint/rewrite-uris';
import { type JsonObject } from '../base/json';

/** Rewrites the URIs of a server's result to those of this endpoint. */
export function resultForClients(
  result: JsonObject,
  view: EndpointView,
  server: string,
): JsonObject {
  return rewriteUris(result, view, server);
}
