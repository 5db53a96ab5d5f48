import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { type Logger } from 'pino';
import { createControlActivities } from '../../activities/control';
import { signedOnly } from '../../activities/refuse-unsigned';
import { RETENTION_DAYS } from '../domain/limits';
import { CONTROL_QUEUE } from '../domain/names';
import { packageRoot } from '../base/package-root';
import { type Store } from '../store/store';
import { prepareNamespace } from '../temporal/namespace';
import { signedClient } from '../temporal/signed-client';
import { every } from '../async/every';
import { type RoleContext, type RunningRole } from './role-context';

const HOUR_MS = 3_600_000;
const RETENTION_MS = RETENTION_DAYS * 24 * HOUR_MS;
/** Entities kept in memory; beyond that the least recently used ones are replayed when something happens to them. */
const MAX_CACHED_WORKFLOWS = 1_000;
const SHUTDOWN_FORCE_TIME = '10 s';
/** Time after a `kill -9` that tasks of the dead worker wait before the next one gets them. */
const STICKY_TIMEOUT = '1 s';

/** Starts the control worker: the workflows, and the activities that they need. */
export async function startWorker(context: RoleContext): Promise<RunningRole> {
  const { settings, temporal, connection, store, key, logger } = context;
  const { home } = settings;
  const { namespace } = temporal;
  await prepareNamespace(connection, namespace);
  const client = signedClient(key, { connection, namespace });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: CONTROL_QUEUE,
    ...workflowCode(key),
    activities: { ...createControlActivities({ home, key, client, store }) },
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    shutdownForceTime: SHUTDOWN_FORCE_TIME,
  });
  const ended = worker.run();
  const housekeeping = forgetOldCalls(store, logger);
  logger.info(
    { taskQueue: CONTROL_QUEUE, temporal: temporal.address },
    'control worker is running',
  );
  return {
    name: CONTROL_QUEUE,
    ended,
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
      await Promise.all(housekeeping.map((end) => end()));
    },
  };
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
