import { type HostActivities } from '../../src/domain/activity-types';
import { type HostDeps } from '../deps';
import { installProgram, latestVersion } from '../install/install-program';
import { runServer } from '../session/run-server';
import { validateServer } from '../validate-server';

export function createHostActivities(deps: HostDeps): HostActivities {
  return {
    runServer: (input) => runServer(deps, input),
    installProgram: (input) => installProgram(deps, input),
    latestVersion: (input) => latestVersion(deps, input),
    validateServer: (input) => validateServer(deps, input),
  };
}
