import { type HttpCall } from '../http/contract';
import { badRequest } from '../http/refusal';
import { type LegacyContext } from './context';
import { type EventPosition, readEventId } from './event-id';
import { type LiveSession } from './live-session';
import { resumeRequest } from './receive';
import { openChannel } from './stream-channel';

/**
 * Goes on with the stream of a request when that is what the client asks for; else returns where it was in the stream of no
 * request, if it was.
 *
 * @throws Refusal 400 for an event id that is none of this session, 405 when there is nothing to go on with: clients then stop
 *   trying, while after 404 they would take the session for lost
 */
export async function resume(
  context: LegacyContext,
  call: HttpCall,
  session: LiveSession,
): Promise<EventPosition | undefined | 'resumed'> {
  const text = call.request.headers['last-event-id'];
  if (typeof text !== 'string' || text === '') return undefined;
  const position = readEventId(session.seal, text);
  if (!position) throw badRequest(400, 'Last-Event-ID is not an event of this session.');
  if (position.request === undefined) return position;
  if (position.isLast) throw nothingLeft();
  const open = () => openChannel(call, session);
  const response = session.takeResponse(position.request);
  const running = session.exchanges.get(position.request);
  if (response) {
    open().finish(response, { ...position, number: position.number + 1, isLast: true });
  } else if (running && (position.callId ?? running.callId) === running.callId) {
    running.attach(open(), position);
  } else if (position.callId !== undefined) {
    await resumeRequest(context, session, position, open);
  } else throw nothingLeft();
  return 'resumed';
}

function nothingLeft() {
  const message = 'This stream has ended.';
  return badRequest(405, message, { headers: { Allow: 'POST, DELETE' } });
}
