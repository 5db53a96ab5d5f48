import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { createHostActivities } from '../../activities/host';
import { ensureHome, type Settings } from '../config';
import { MainspringError } from '../domain/errors';
import { HOST_QUEUE } from '../domain/names';
import { signingKey } from '../inventory/signature';
import { openGroupRecords } from '../process/group-records';
import { startGuard } from '../process/guard';
import { isAlive } from '../process/process-identity';
import { recordedHost, sweepOrphans } from '../process/sweep';
import { openPrograms } from '../programs/programs';
import { createCallWriter } from '../store/call-writer';
import { createHealthWriter } from '../store/health-writer';
import { openStore } from '../store/open-store';
import { type TemporalSettings } from '../temporal/connection';
import { connectNative } from '../temporal/native-connection';
import { aborted, reportReady, untilToldToStop } from './lifetime';
import { createLogger, installTemporalRuntime } from './logger';

/** How old what an installation or validation tells may be. */
const HEARTBEAT_THROTTLE = '500 ms';
/** Sessions give calls in flight their grace first; what does not end by then is killed by the guard. */
const SHUTDOWN_FORCE_TIME = '20 s';

/** Runs a host until it is told to stop (`told` fires): takes sessions, owns their servers, and hands them over when it ends. */
export async function runHost(
  settings: Settings,
  temporal: TemporalSettings,
  told: AbortSignal,
): Promise<void> {
  const stop = untilToldToStop(told);
  const logger = createLogger('host', settings);
  installTemporalRuntime(logger);
  const { home, hostId, hostCapacity } = settings;
  await ensureHome(home);
  const [connection, store, key] = await Promise.all([
    connectNative(temporal),
    openStore(home),
    signingKey(home),
  ]);
  refuseSecond(home, hostId);
  const swept = await sweepOrphans(home);
  if (swept.length > 0) logger.warn({ swept }, 'ended what a dead host had left running');
  const guard = startGuard();
  const groups = openGroupRecords(home, hostId);
  const { namespace } = temporal;
  const programs = openPrograms({
    home,
    env: process.env,
    locks: store.locks,
    onSpawn: (pgid) => {
      guard.watch(pgid);
      groups.add(pgid, 'an installation');
    },
    onGone: (pgid) => {
      guard.release(pgid);
      groups.remove(pgid);
    },
  });
  await programs.sweep();
  const deps = {
    ...{ home, hostId, key, env: process.env, namespace, connection, store, guard, groups },
    programs,
    client: new Client({ connection, namespace }),
    callLog: createCallWriter(store.calls),
    healthLog: createHealthWriter(store.health),
  };
  const worker = await Worker.create({
    connection,
    namespace,
    identity: `host/${hostId}`,
    taskQueue: HOST_QUEUE,
    activities: { ...createHostActivities(deps) },
    maxConcurrentActivityTaskExecutions: hostCapacity,
    // A second poll of a frozen host would swallow the retries that another host could run.
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    shutdownForceTime: SHUTDOWN_FORCE_TIME,
  });
  logger.info({ hostId, taskQueue: HOST_QUEUE, temporal: temporal.address }, 'host runs');
  reportReady();
  await worker.runUntil(aborted(stop));
  await guard.close();
  groups.close();
  await store.close();
  await connection.close();
}

/** Two hosts of one id would take each other's children for orphans. */
function refuseSecond(home: string, hostId: string): void {
  const other = recordedHost(home, hostId);
  if (!other || !isAlive(other)) return;
  throw new MainspringError(
    'ALREADY_RUNNING',
    `A host with the id "${hostId}" runs already (pid ${other.pid}).`,
    { fix: 'Give this one another id: --host-id <id>.' },
  );
}
