import { type ActivityOptions } from '@temporalio/client';
import { type AlertDelivery } from './alerts';
import { alertActivityId, CONTROL_QUEUE } from '../names';

/** Longest time for which the delivery of an alert is retried. */
const ALERT_RETRY_FOR_MS = 24 * 3_600_000;
const ALERT_FIRST_RETRY_MS = 1_000;
const ALERT_MAX_RETRY_MS = 10 * 60_000;
export const MAX_ALERT_COMMAND_TIMEOUT_MS = 10 * 60_000;
/** Silence of a delivering control worker after which another one retries. */
const ALERT_HEARTBEAT_TIMEOUT_MS = 5_000;

/** Returns how the delivery of an alert is started: once per event and receiver, and by default retried for a day. */
export function deliveryOptions(delivery: AlertDelivery, { attempts }: { attempts?: number } = {}) {
  const { alert, receiver } = delivery;
  return {
    id: alertActivityId(alert.id, receiver),
    taskQueue: CONTROL_QUEUE,
    args: [delivery],
    summary: `${alert.kind} of ${alert.server} to ${receiver}`,
    scheduleToCloseTimeout: ALERT_RETRY_FOR_MS,
    startToCloseTimeout: MAX_ALERT_COMMAND_TIMEOUT_MS + ALERT_HEARTBEAT_TIMEOUT_MS,
    heartbeatTimeout: ALERT_HEARTBEAT_TIMEOUT_MS,
    retry: {
      initialInterval: ALERT_FIRST_RETRY_MS,
      backoffCoefficient: 2,
      maximumInterval: ALERT_MAX_RETRY_MS,
      ...(attempts !== undefined && { maximumAttempts: attempts }),
    },
    idReusePolicy: 'REJECT_DUPLICATE',
    idConflictPolicy: 'FAIL',
  } satisfies ActivityOptions & { args: [AlertDelivery] };
}
