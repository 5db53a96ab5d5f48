import { type EndpointView } from './endpoint-view';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';

/**
 * Rewrites the URIs of a result to those of this endpoint: of resource links and embedded resources
 * in the content of a tool's result or of a prompt's messages, and of the contents of a resource.
 * Returns the same object if no URI changes.
 */
export function rewriteUris(
  result: JsonObject,
  view: Pick<EndpointView, 'expose'>,
  server: string,
): JsonObject {
  const uriOf = (uri: Json) => (typeof uri === 'string' ? view.expose(server, uri) : uri);
  const inBlock = (block: Json): Json => {
    if (!isJsonObject(block)) return block;
    if (block['type'] === 'resource_link') return changed(block, 'uri', uriOf);
    if (block['type'] !== 'resource') return block;
    return changed(block, 'resource', (resource) => inResource(resource));
  };
  const inResource = (resource: Json): Json =>
    isJsonObject(resource) ? changed(resource, 'uri', uriOf) : resource;
  const inContent = (content: Json) =>
    Array.isArray(content) ? each(content, inBlock) : inBlock(content);
  const inMessage = (message: Json): Json =>
    isJsonObject(message) ? changed(message, 'content', inContent) : message;
  const content = changed(result, 'content', inContent);
  const contents = changed(content, 'contents', (parts) => each(parts, inResource));
  return changed(contents, 'messages', (messages) => each(messages, inMessage));
}

function each(list: Json, change: (item: Json) => Json): Json {
  if (!Array.isArray(list)) return list;
  const after = list.map(change);
  return after.some((item, index) => item !== list[index]) ? after : list;
}

function changed(object: JsonObject, member: string, change: (value: Json) => Json): JsonObject {
  const before = Object.hasOwn(object, member) ? object[member] : undefined;
  if (before === undefined) return object;
  const after = change(before);
  return after === before ? object : { ...object, [member]: after };
}
