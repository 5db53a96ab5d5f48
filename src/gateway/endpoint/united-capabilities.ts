import { type EndpointContent } from '../../domain/endpoint/endpoint-content';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';

/** Unites the capabilities of all servers, and adds those that follow from their lists. */
export function capabilitiesOf({
  servers,
  tools,
  prompts,
  resources,
  templates,
}: EndpointContent): JsonObject {
  const ofServers = servers.map(({ offer }) => offer?.capabilities ?? {});
  const listed: JsonObject = {
    ...(tools.length > 0 && { tools: {} }),
    ...(prompts.length > 0 && { prompts: {} }),
    ...(resources.length + templates.length > 0 && { resources: {} }),
  };
  return [listed, ...ofServers].reduce(unite, {});
}

/**
 * Unites two values recursively. If they cannot be united, the first is used; of true and false,
 * true.
 */
function unite(one: JsonObject, other: JsonObject): JsonObject {
  const members = Object.entries(other).map(([name, value]): [string, Json] => {
    const before = Object.hasOwn(one, name) ? one[name] : undefined;
    if (before === undefined) return [name, value];
    if (isJsonObject(before) && isJsonObject(value)) return [name, unite(before, value)];
    return [name, before === false ? value : before];
  });
  return { ...one, ...Object.fromEntries(members) };
}
