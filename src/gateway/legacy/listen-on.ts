import { type ListeningChannel } from './channel';
import { type LegacyContext } from './context';
import { type EventPosition } from './event-id';
import { type LiveSession } from './live-session';

/** Makes this channel the one that the client of a session listens on. */
export function listenOn(
  { catalogues, lists, listenersChanged }: LegacyContext,
  session: LiveSession,
  channel: ListeningChannel,
  after?: EventPosition,
): void {
  channel.closed.addEventListener('abort', () => listenersChanged(), { once: true });
  const hasMissed = session.open(channel, after);
  if (hasMissed) notifyEverythingChanged(session);
  listenersChanged();
  const { scope } = session.record;
  catalogues.view(session.scope).then(
    (view) => lists.know(scope, view),
    () => undefined, // the profile or server was removed; requests report it
  );
}

/** It is unknown which changes the client has missed. */
function notifyEverythingChanged(session: LiveSession): void {
  for (const kind of ['tools', 'prompts', 'resources']) {
    session.notify(`notifications/${kind}/list_changed`);
  }
  for (const uri of session.record.subscriptions) {
    session.notify('notifications/resources/updated', { uri });
  }
}
