import { tsToMs } from '@temporalio/common/lib/time';
import { type ClientContext } from '../context';
import { pendingActivity } from '../pending-activity';
import { sessionWorkflowId } from '../../domain/names';
import { type SessionView } from '../../domain/servers/observation';
import { type SessionHeartbeat } from '../../domain/entity/session';
import { isOwnerGone } from './owner-gone';

/** Returns what Temporal knows of a session; undefined when it is over. Needs no worker. */
export async function viewSession(
  { client, home }: ClientContext,
  server: string,
  generation: number,
): Promise<SessionView | undefined> {
  const workflowId = sessionWorkflowId(server, generation);
  const activity = await pendingActivity<SessionHeartbeat>(client, workflowId);
  if (!activity) return undefined;
  const { isHeld, raw, attempt, heartbeat, lastFailure } = activity;
  const time = (at: Parameters<typeof tsToMs>[0]) => (at ? tsToMs(at) : undefined);
  return {
    phase: isHeld ? 'owned' : 'queued',
    attempt,
    queuedSinceMs: time(raw.scheduledTime),
    lastHeartbeatAtMs: time(raw.lastHeartbeatTime),
    heartbeat,
    lastFailure,
    isOwnerGone: heartbeat !== undefined && isOwnerGone(home, heartbeat),
  };
}
