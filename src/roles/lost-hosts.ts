import {
  ActivityExecutionAlreadyStartedError,
  type ActivityHandle,
  type Client,
} from '@temporalio/client';
import { type Logger } from 'pino';
import { type HostControlActivities } from '../domain/activity-types';
import { type HostReport, type LostHost, HOST_TIMEOUT_MS } from '../domain/hosts/hosts';
import { hostActivityId, hostQueue } from '../domain/names';
import { workerIdentity } from '../process/group-records';
import { every } from '../async/every';
import { releaseSwallowedCalls } from './release-dead-host';
import { pause } from '../async/pause';

const LOOK_MS = 1_000;
/** Looks that a host skips when it was alone at its last one: another one is noticed by then. */
const LOOKS_SKIPPED_ALONE = 3;
/** Hosts that were lost longer ago have already been noticed. */
const RECENT_MS = 15_000;
/** A poll stays open for a minute at most (`matching.longPollExpirationInterval`). */
const POLLS_LAST_MS = 60_000;
/** Time in which most of a silent host's servers move, in ms. */
const EAGER_MS = 5_000;
const EAGER_PAUSE_MS = 100;
const PAUSE_MS = 2_000;

/**
 * Watches for hosts that have fallen silent. Their open polls would receive what they lose, again and again; the first
 * host that notices one handles it. An id of the activity per loss makes sure that it is only one.
 */
export function watchLostHosts(client: Client, ownId: string, logger: Logger): () => Promise<void> {
  const seen = new Set<string>();
  let skips = 0;
  const look = async () => {
    if (skips-- > 0) return;
    let isAlone = true;
    const since = new Date(Date.now() - RECENT_MS).toISOString();
    const isRecent = `ExecutionStatus = 'TimedOut' AND CloseTime > '${since}'`;
    const query = `ActivityType = 'runHost' AND (ExecutionStatus = 'Running' OR (${isRecent}))`;
    for await (const { activityId, activityRunId, status } of client.activity.list(query)) {
      if (activityId !== hostActivityId(ownId)) isAlone = false;
      if (status === 'RUNNING' || seen.has(activityRunId)) continue;
      const lost = await lostHost(client.activity.getHandle(activityId, activityRunId));
      if (lost && lost.id !== ownId && (await startPassOver(client, ownId, lost, activityRunId))) {
        logger.warn({ ...lost }, 'host lost; no more work is assigned to it');
      }
      seen.add(activityRunId);
    }
    skips = isAlone ? LOOKS_SKIPPED_ALONE : 0;
  };
  return every(logger, { what: 'Looking for lost hosts', pauseMs: LOOK_MS, run: look });
}

async function lostHost(presence: ActivityHandle): Promise<LostHost | undefined> {
  const found = await presence.describe({ includeHeartbeatDetails: true });
  const report = await found.getHeartbeatDetails<HostReport>();
  if (!report) return undefined;
  const { id } = report;
  const lastSeenAtMs = found.lastHeartbeatTime?.getTime() ?? 0;
  return { id, identity: workerIdentity(id, report), lastSeenAtMs };
}

/** Returns whether this host does it: another one may have been faster. */
async function startPassOver(
  client: Client,
  ownId: string,
  lost: LostHost,
  lossId: string,
): Promise<boolean> {
  try {
    await client.activity.typed<HostControlActivities>().start('passOver', {
      id: `${hostActivityId(lost.id)}/lost/${lossId}`,
      taskQueue: hostQueue(ownId),
      args: [lost],
      summary: `pass over silent host ${lost.id}`,
      scheduleToCloseTimeout: 2 * POLLS_LAST_MS,
      heartbeatTimeout: HOST_TIMEOUT_MS,
      retry: { maximumAttempts: 1 },
      idReusePolicy: 'REJECT_DUPLICATE',
      idConflictPolicy: 'FAIL',
    });
    return true;
  } catch (error) {
    if (error instanceof ActivityExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Releases what the polls of a silent host receive, until they have expired or it is back. */
export async function passOver(client: Client, lost: LostHost, signal: AbortSignal): Promise<void> {
  const beganAt = Date.now();
  const presence = client.activity.getHandle(hostActivityId(lost.id));
  while (!signal.aborted && Date.now() - lost.lastSeenAtMs < POLLS_LAST_MS) {
    const { status } = await presence.describe();
    if (status === 'RUNNING') return; // it has woken up, and fences itself
    await releaseSwallowedCalls(client, lost);
    const isEager = Date.now() - beganAt < EAGER_MS;
    const pauseMs = isEager ? EAGER_PAUSE_MS : PAUSE_MS;
    await pause(pauseMs, signal);
  }
}
