import { type Context } from '@temporalio/activity';
import { type AsyncCompletionOperationOptions, type Client } from '@temporalio/client';

/**
 * Sends a heartbeat whose details others see at once. Those of the SDK wait for its throttle, which is long because a
 * host with many sessions, which heartbeat by themselves (lease.ts), would cost Temporal a core.
 */
export function heartbeatNow(client: Client, context: Context, details: object): void {
  context.heartbeat(details); // otherwise the SDK would consider this activity silent
  // If one does not get through, another one follows.
  client.activity
    .heartbeat(context.info.taskToken, details, placeOf(context))
    .catch(() => undefined);
}

/** Names the activity explicitly: a token does not say whose it is, and a heartbeat is signed for one activity. */
export function placeOf({ info }: Pick<Context, 'info'>): AsyncCompletionOperationOptions {
  const { activityNamespace: namespace, activityId, workflowExecution, isLocal } = info;
  const workflowId = workflowExecution?.workflowId;
  return {
    serializationContext: { type: 'activity', namespace, activityId, workflowId, isLocal },
  };
}
