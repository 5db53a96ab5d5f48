import { type EndpointView } from './endpoint-view';
import { type Caller } from '../exchange';
import { LEGACY_TASKS_CAPABILITY } from '../tasks/contract';
import { type JsonObject } from '../../base/json';

/**
 * Returns the capabilities of an endpoint. For one server they are those of the server once they
 * are known; other endpoints declare every list, because lists may fill later.
 */
export function endpointCapabilities(
  view: Pick<EndpointView, 'capabilities'>,
  { scope }: Pick<Caller, 'scope'>,
  hasTasks: boolean,
): JsonObject {
  const { capabilities } = view;
  const isKnown = scope.kind === 'server' && Object.keys(capabilities).length > 0;
  const ours: JsonObject = {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    logging: {},
    completions: {},
  };
  const offered = Object.entries(ours).filter(([name]) => !isKnown || name in capabilities);
  const others = Object.entries(capabilities).filter(
    ([name]) => !(name in ours) && name !== 'tasks',
  );
  return {
    ...Object.fromEntries([...others, ...offered]),
    ...(hasTasks && { tasks: LEGACY_TASKS_CAPABILITY }),
  };
}
