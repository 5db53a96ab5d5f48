import { type Context } from '@temporalio/activity';
import { type Client } from '@temporalio/client';

/**
 * A heartbeat whose details others see at once. Those of the SDK wait for its throttle, which is long because a host with
 * many sessions, which heartbeat by themselves (lease.ts), would spend a core of Temporal on them.
 */
export function heartbeatNow(client: Client, context: Context, details: object): void {
  context.heartbeat(details); // or the SDK would take this activity for one that has fallen silent
  // One that does not get through is followed by the next.
  client.activity.heartbeat(context.info.taskToken, details).catch(() => undefined);
}
