import { type JsonObject } from '../domain/calls';
import { type View } from './catalogue';

/** A server's result with its URIs as clients of this endpoint know them. */
export function resultForClients(result: JsonObject, _view: View, _server: string): JsonObject {
  return result;
}
