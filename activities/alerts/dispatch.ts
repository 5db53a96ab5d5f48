import { ActivityExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { log } from '@temporalio/activity';
import { type ControlActivities } from '../../src/domain/activity-types';
import { deliveryOptions } from '../../src/domain/alerts/alert-delivery';
import { type Alert, alertFor, alertKinds } from '../../src/domain/alerts/alerts';
import { reportOf } from '../../src/base/errors';
import { type ServerEvent } from '../../src/domain/events';
import { type Receivers } from '../../src/inventory/alert-receivers';
import { contextBefore } from '../../src/store/alert-context';
import { type Store } from '../../src/store/store';

interface DispatchDeps {
  client: Client;
  store: Store;
  receivers: () => Promise<Receivers>;
}

/**
 * Starts a delivery for each receiver that matches the recorded events. Doing it again starts nothing twice: the id of
 * a delivery is made of the event and the receiver.
 */
export async function dispatchAlerts(
  { client, store, receivers }: DispatchDeps,
  events: readonly ServerEvent[],
): Promise<void> {
  const known = await receivers().catch(loggedAlert);
  if (!known || known.receivers.length === 0) return;
  const alerts = (await Promise.all(events.map((event) => alertsOf(store, known, event)))).flat();
  await Promise.all(alerts.map(({ receiver, alert }) => startDelivery(client, receiver, alert)));
}

async function alertsOf(
  store: Store,
  { receivers, tagsOf }: Receivers,
  event: ServerEvent,
): Promise<{ receiver: string; alert: Alert }[]> {
  const kinds = alertKinds(event, await contextBefore(store.events, event));
  if (kinds.length === 0) return [];
  return receivers.flatMap((receiver) => {
    const alert = alertFor(receiver, event, kinds, tagsOf(event.server));
    return alert ? [{ receiver: receiver.name, alert }] : [];
  });
}

async function startDelivery(client: Client, receiver: string, alert: Alert): Promise<void> {
  try {
    const options = deliveryOptions({ receiver, alert });
    await client.activity.typed<ControlActivities>().start('deliverAlert', options);
  } catch (error) {
    if (!(error instanceof ActivityExecutionAlreadyStartedError)) throw error;
  }
}

/** Logs the error only: events are recorded even if the inventory is broken. */
function loggedAlert(error: unknown): undefined {
  log.error(`no alerts: ${reportOf(error).message}`);
}
