import { type AlertContext, contextAfter } from '../domain/alerts/alerts';
import { type ServerEvent } from '../domain/events';
import { ALERT_CONTEXT_EVENTS } from '../domain/limits';
import { type EventLog } from './store';

/** What was known of the server of an event before it. */
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
