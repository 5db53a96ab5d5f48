import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { type Logger } from 'pino';
import { createControlActivities } from '../../activities/control';
import { signedOnly } from '../../activities/refuse-unsigned';
import { ensureHome, type Settings } from '../config';
import { RETENTION_DAYS } from '../domain/limits';
import { CONTROL_QUEUE } from '../domain/names';
import { signingKey } from '../inventory/signature';
import { packageRoot } from '../base/package-root';
import { openStore } from '../store/open-store';
import { type Store } from '../store/store';
import { type TemporalSettings } from '../temporal/connection';
import { connectNative } from '../temporal/native-connection';
import { prepareNamespace } from '../temporal/namespace';
import { signedClient } from '../temporal/signed-client';
import { every } from '../async/every';
import { aborted, reportReady, untilStopRequested } from './lifetime';
import { createLogger, installTemporalRuntime } from './logger';

const HOUR_MS = 3_600_000;
const RETENTION_MS = RETENTION_DAYS * 24 * HOUR_MS;
/** Entities kept in memory; beyond that the least recently used ones are replayed when something happens to them. */
const MAX_CACHED_WORKFLOWS = 1_000;
const SHUTDOWN_FORCE_TIME = '10 s';
/** Time after a `kill -9` that tasks of the dead worker wait before the next one gets them. */
const STICKY_TIMEOUT = '1 s';

/** Runs the control worker until `requested` fires: the workflows, and the activities that they need. */
export async function runWorker(
  settings: Settings,
  temporal: TemporalSettings,
  requested: AbortSignal,
): Promise<void> {
  const stop = untilStopRequested(requested);
  const logger = createLogger('worker', settings);
  installTemporalRuntime(logger);
  const { home } = settings;
  await ensureHome(home);
  const [connection, store, key] = await Promise.all([
    connectNative(temporal),
    openStore(home, settings.sqliteSync),
    signingKey(home),
  ]);
  await prepareNamespace(connection, temporal.namespace);
  const client = signedClient(key, { connection, namespace: temporal.namespace });
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: CONTROL_QUEUE,
    ...workflowCode(key),
    activities: { ...createControlActivities({ home, key, client, store }) },
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    shutdownForceTime: SHUTDOWN_FORCE_TIME,
  });
  const housekeeping = forgetOldCalls(store, logger);
  logger.info(
    { taskQueue: CONTROL_QUEUE, temporal: temporal.address },
    'control worker is running',
  );
  reportReady();
  await worker.runUntil(aborted(stop));
  await Promise.all(housekeeping.map((end) => end()));
  await store.close();
  await connection.close();
}

/** Returns the bundle that `npm run build` makes; from sources (in development) it is made at the start. */
function workflowCode(key: Buffer) {
  const codePath = join(packageRoot(), 'dist', 'workflow-bundle.js');
  const isBuilt = __filename.startsWith(join(packageRoot(), 'dist')) && existsSync(codePath);
  const signed = signedOnly(key);
  if (isBuilt) return { ...signed, workflowBundle: { codePath } };
  const workflowModules = [require.resolve('../../workflows/refuse-unsigned')];
  return {
    ...signed,
    workflowsPath: require.resolve('../../workflows'),
    interceptors: { ...signed.interceptors, workflowModules },
  };
}

/** Keeps the index and large results as long as Temporal keeps the calls; returns a function that ends that. */
function forgetOldCalls({ calls, results }: Store, logger: Logger): (() => Promise<void>)[] {
  const often = { pauseMs: HOUR_MS, atOnce: true };
  return [
    every(logger, {
      ...often,
      what: 'Removing old call records',
      run: async () => void (await calls.removeOlderThan(RETENTION_MS)),
    }),
    every(logger, {
      ...often,
      what: 'Removing old results',
      run: async () => void (await results.removeOlderThan(RETENTION_MS)),
    }),
  ];
}
