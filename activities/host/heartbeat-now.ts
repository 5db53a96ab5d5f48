import { type Context } from '@temporalio/activity';
import { type AsyncCompletionOperationOptions, type Client } from '@temporalio/client';

/**
 * A heartbeat whose details others see at once. Those of the SDK wait for its throttle, which is long because a host with
 * many sessions, which heartbeat by themselves (lease.ts), would spend a core of Temporal on them.
 */
export function heartbeatNow(client: Client, context: Context, details: object): void {
  context.heartbeat(details); // or the SDK would take this activity for one that has fallen silent
  // One that does not get through is followed by the next.
  client.activity
    .heartbeat(context.info.taskToken, details, placeOf(context))
    .catch(() => undefined);
}

/** A token does not say whose it is, and what is said is signed for one activity. */
export function placeOf({ info }: Pick<Context, 'info'>): AsyncCompletionOperationOptions {
  const { activityNamespace: namespace, activityId, workflowExecution, isLocal } = info;
  const workflowId = workflowExecution?.workflowId;
  return {
    serializationContext: { type: 'activity', namespace, activityId, workflowId, isLocal },
  };
}
