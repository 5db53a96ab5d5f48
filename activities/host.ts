import { type HostActivities } from '../src/domain/activity-types';
import { type HostDeps } from './deps';
import { runServer } from './run-server';

export function createHostActivities(deps: HostDeps): HostActivities {
  return { runServer: (input) => runServer(deps, input) };
}
