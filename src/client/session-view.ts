import { WorkflowNotFoundError } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import { isAlive } from '../process/process-identity';
import { recordedHost } from '../process/sweep';
import { type ClientContext } from './context';
import { sessionWorkflowId } from '../domain/names';
import { type SessionView } from '../domain/observation';
import { type Owner, type SessionHeartbeat } from '../domain/session';

/** temporal.api.enums.v1.PendingActivityState: waiting for a worker, or for its next attempt. */
const SCHEDULED = 1;

/** What Temporal knows of a session; undefined when it is over. Needs no worker. */
export async function viewSession(
  { client, home }: ClientContext,
  server: string,
  generation: number,
): Promise<SessionView | undefined> {
  const handle = client.workflow.getHandle(sessionWorkflowId(server, generation));
  try {
    const { raw } = await handle.describe();
    const activity = raw.pendingActivities?.[0];
    if (!activity) return undefined;
    const time = (at: Parameters<typeof tsToMs>[0]) => (at ? tsToMs(at) : undefined);
    const details = activity.heartbeatDetails?.payloads?.[0];
    const { payloadConverter } = client.options.loadedDataConverter;
    const heartbeat = details ? payloadConverter.fromPayload<SessionHeartbeat>(details) : undefined;
    return {
      phase: Number(activity.state) === SCHEDULED ? 'queued' : 'owned',
      attempt: activity.attempt ?? 1,
      queuedSinceMs: time(activity.scheduledTime),
      lastHeartbeatAtMs: time(activity.lastHeartbeatTime),
      heartbeat,
      lastFailure: activity.lastFailure?.message ?? undefined,
      isOwnerGone: heartbeat !== undefined && isOwnerGone(home, heartbeat),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** A host leaves a record in the data directory as long as it lives; one of another machine has none here. */
export function isOwnerGone(home: string, { host, hostPid }: Owner): boolean {
  const recorded = recordedHost(home, host);
  return recorded !== undefined && (recorded.pid !== hostPid || !isAlive(recorded));
}
