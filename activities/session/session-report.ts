import { type SessionHeartbeat, type SessionReady } from '../../src/domain/entity/session';
import { type HealthMonitor } from '../health/health-monitor';
import { type Session } from './session';
import { type SessionIsolation } from '../server/session-isolation';
import { type Serving, type SupervisedServer } from '../server/supervised-server';
import { type Owner } from '../../src/domain/entity/owner';

/** Returns the report to the entity about a ready server. */
export function readyReport(
  owner: Owner,
  { server, isolation }: Session,
  { connection, catalogue }: Serving,
  reason: string,
): SessionReady {
  const { version } = isolation;
  return {
    ...owner,
    ...(version !== 0 && { isolationVersion: version }),
    pid: connection.pid,
    restarts: server.restarts,
    toolsHash: catalogue.toolsHash,
    tools: catalogue.tools.length,
    serverInfo: connection.serverInfo,
    protocolVersion: connection.protocolVersion,
    reason,
  };
}

export interface Reported {
  owner: Owner;
  server: SupervisedServer;
  isolation: SessionIsolation;
  monitor: HealthMonitor;
  predecessor: SessionHeartbeat | undefined;
}

/** Returns the last host on which it was ready. */
export function answeredOn({
  owner,
  server,
  predecessor,
}: Pick<Reported, 'owner' | 'server' | 'predecessor'>): string | undefined {
  return server.answeredHere ? owner.host : predecessor?.answeredOn;
}

/** Returns the heartbeat, which `status` and `list` show and the next owner continues with. */
export function heartbeat(reported: Reported): SessionHeartbeat {
  const { owner, server, isolation, monitor } = reported;
  const { serving, restarts, retries } = server;
  const pid = serving?.connection.pid;
  return {
    ...owner,
    ...(pid !== undefined && { pid }),
    restarts,
    upSinceMs: serving?.sinceMs,
    inFlight: serving?.calls.count ?? 0,
    ...(retries.count > 0 && { retrying: retries.count }),
    ...(serving ? monitor.report() : { health: 'UNKNOWN' }),
    isolation: isolation.current,
    hasBeenReady: server.hasBeenReady,
    answeredOn: answeredOn(reported),
  };
}
