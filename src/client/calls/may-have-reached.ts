import { type ActivityExecutionDescription } from '@temporalio/client';
import { isRetriedInDoubt, countPossiblySent } from '../../domain/calls/call-attempts';
import { type CallHeartbeat } from '../../domain/calls/calls';

/**
 * Counts the attempts that may have reached the server, of a call that Temporal ended between two of them.
 *
 * @param call - described with the details of its heartbeats
 */
export async function mayHaveReachedBy(call: ActivityExecutionDescription): Promise<number> {
  const heartbeat = await call.getHeartbeatDetails<CallHeartbeat | null>();
  const inDoubt = isRetriedInDoubt(call.retryPolicy);
  return countPossiblySent({ attempt: call.attempt, inDoubt, heartbeat: heartbeat ?? undefined });
}
