import { type JsonObject } from '../domain/calls';
import { type View } from './catalogue';
import { rewriteUris } from './rewrite-uris';

/** A server's result with its URIs as clients of this endpoint know them. */
export function resultForClients(result: JsonObject, view: View, server: string): JsonObject {
  return rewriteUris(result, view, server);
}
