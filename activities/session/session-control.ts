import { MainspringError } from '../../src/base/errors';
import { type ApplyIsolationInput, type SessionActivities } from '../../src/domain/activity-types';
import { type Owner } from '../../src/domain/entity/owner';
import { type ReplaceChildInput, type SessionReady } from '../../src/domain/entity/session';
import { type HealthResult } from '../../src/domain/health/health';
import { type ServerSpec } from '../../src/domain/spec';
import { type SignedSpec } from '../../src/domain/trust/signed-spec';
import { verifySpec } from '../../src/inventory/signature';
import { type HostDeps } from '../deps';
import { type HealthMonitor } from '../health/health-monitor';
import { ANSWERS_AGAIN, type Serving } from '../server/supervised-server';
import { checkLaunchable, valuesOf } from './launch';
import { type Session } from './session';
import { asFailure, refused, trusted } from './session-failure';

export interface ControlledSession extends Session {
  readonly owner: Owner;
  readonly monitor: Pick<HealthMonitor, 'checkNow'>;
  /** Continues with the spec of a reload. */
  adopt(spec: ServerSpec, signed: SignedSpec): void;
  readyReport(serving: Serving, reason: string): SessionReady;
}

/** Restart and reload under the open queue, and what else the control worker wants of an owned session. */
export function controlOf(deps: HostDeps, session: ControlledSession): SessionActivities {
  return {
    async replaceChild({ generation, signed }: ReplaceChildInput): Promise<SessionReady> {
      const isMine = generation === session.generation && session.ending === undefined;
      if (!isMine)
        throw refused(new MainspringError('HOST_LOST', 'Another owner has this server.'));
      const spec = trusted(() => verifySpec(deps.key, signed));
      await checkLaunchable(deps, spec).catch((error: unknown) => {
        throw refused(error);
      });
      try {
        const serving = await session.server.replace(spec);
        session.adopt(spec, signed);
        return session.readyReport(serving, ANSWERS_AGAIN);
      } catch (error) {
        if (session.server.serving) throw refused(error);
        // If the session goes on, because the server may come up at any time, then with this spec.
        session.adopt(spec, signed);
        throw asFailure(error, []);
      }
    },

    async haveValuesChanged({ generation }: { generation: number }): Promise<boolean> {
      const { serving } = session.server;
      if (generation !== session.generation || !serving) return false;
      // One that is missing now is told by the attempt to replace the child, which goes on as it was.
      const values = await valuesOf(deps, serving.spec).catch(() => undefined);
      return values !== serving.values;
    },

    async applyIsolation({ generation, isolation }: ApplyIsolationInput): Promise<void> {
      if (generation === session.generation) session.isolation.apply(isolation);
    },

    async checkHealth(): Promise<HealthResult> {
      return session.monitor.checkNow().catch((error: unknown) => {
        throw asFailure(error, []);
      });
    },
  };
}
