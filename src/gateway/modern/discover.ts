import { type EndpointView } from '../endpoint/endpoint-view';
import { type Scope } from '../exchange';
import { endpointCapabilities } from '../endpoint/endpoint-capabilities';
import { SUPPORTED_VERSIONS, TASKS_EXTENSION } from '../../base/mcp-names';
import { isJsonObject, type JsonObject } from '../../base/json';

/** Answers `server/discover` with a description of the endpoint, independent of running servers. */
export function discover(view: EndpointView, scope: Scope): JsonObject {
  return {
    supportedVersions: SUPPORTED_VERSIONS,
    capabilities: modernCapabilities(view, scope),
    ...(view.instructions !== undefined && { instructions: view.instructions }),
  };
}

/** Returns the capabilities of an endpoint. Any tool of any server can run as a task. */
export function modernCapabilities(
  view: Pick<EndpointView, 'capabilities'>,
  scope: Scope,
): JsonObject {
  const capabilities = endpointCapabilities(view, { scope }, false);
  const { extensions } = capabilities;
  return {
    ...capabilities,
    extensions: { ...(isJsonObject(extensions) && extensions), [TASKS_EXTENSION]: {} },
  };
}
