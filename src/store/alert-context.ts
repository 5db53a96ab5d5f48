import { type AlertContext, contextAfter } from '../domain/alerts/alerts';
import { type ServerEvent } from '../domain/events';
import { type EventLog } from './store';

/** Number of events of a server that decide whether it was in trouble. */
const ALERT_CONTEXT_EVENTS = 300;

/** Returns the context of an event's server before the event. */
export async function contextBefore(
  events: EventLog,
  { server, id }: ServerEvent,
): Promise<AlertContext> {
  const newest = await events.list({ server, limit: ALERT_CONTEXT_EVENTS });
  return contextAfter(
    newest.slice(
      0,
      Math.max(
        0,
        newest.findIndex((event) => event.id === id),
      ),
    ),
  );
}
