import { type Owner, type SessionHeartbeat, type SessionReady } from '../src/domain/session';
import { type HealthMonitor } from './health-monitor';
import { type Session } from './session';
import { type SessionIsolation } from './session-isolation';
import { type Serving, type SupervisedServer } from './supervised-server';

/** What the entity is told of a server that answers. */
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

/** What `status` and `list` show of it. */
export function heartbeat(
  owner: Owner,
  server: SupervisedServer,
  isolation: SessionIsolation,
  monitor: HealthMonitor,
): SessionHeartbeat {
  const { serving, restarts } = server;
  const pid = serving?.connection.pid;
  return {
    ...owner,
    ...(pid !== undefined && { pid }),
    restarts,
    upSinceMs: serving?.sinceMs,
    inFlight: serving?.calls.count ?? 0,
    ...(serving ? monitor.report() : { health: 'UNKNOWN' }),
    isolation: isolation.current,
    hasBeenReady: server.hasBeenReady,
  };
}
