import { ApplicationFailure, Context } from '@temporalio/activity';
import { type GrantActivities } from '../../src/domain/activity-types';
import { reportOf } from '../../src/base/errors';
import { openSealedGrants } from '../../src/oauth/grant-storage';
import { renewGrant } from '../../src/oauth/renew';
import { type ControlDeps } from '../deps';

const HEARTBEAT_INTERVAL_MS = 2_000;

/** Creates the activities of the workflow `mcpToken`. */
export function createGrantActivities({ store, key }: ControlDeps): GrantActivities {
  const grants = openSealedGrants(store.grants, key);
  return {
    async renewGrant(input) {
      const context = Context.current();
      const timer = setInterval(() => context.heartbeat(), HEARTBEAT_INTERVAL_MS);
      try {
        return await renewGrant(grants, input, context.cancellationSignal);
      } catch (error) {
        const { code, message } = reportOf(error);
        throw ApplicationFailure.create({ message, type: code });
      } finally {
        clearInterval(timer);
      }
    },
  };
}
