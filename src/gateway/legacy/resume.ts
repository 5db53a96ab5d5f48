import { type HttpCall } from '../http/contract';
import { badRequest } from '../http/refusal';
import { type LegacyContext } from './context';
import { type EventPosition, readEventId } from './event-id';
import { type LiveSession } from './live-session';
import { resumeRequest } from './receive';
import { openChannel } from './stream-channel';

/**
 * Resumes the stream of a request if the client requests that; otherwise returns its position in
 * the stream that belongs to no request, if it has one.
 *
 * @throws Refusal 400 for an event ID that is not of this session, 405 when there is nothing to
 * resume: clients then stop trying, while after 404 they would consider the session lost
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
  if (position.isLast) throw streamEnded();
  const open = () => openChannel(call, session);
  const response = session.takeResponse(position.request);
  const running = session.exchanges.get(position.request);
  if (response) {
    open().finish(response, { ...position, number: position.number + 1, isLast: true });
  } else if (running && (position.callId ?? running.callId) === running.callId) {
    running.attach(open(), position);
  } else if (position.callId !== undefined) {
    await resumeRequest(context, session, position, open);
  } else throw streamEnded();
  return 'resumed';
}

function streamEnded() {
  const message = 'This stream has ended.';
  return badRequest(405, message, { headers: { Allow: 'POST, DELETE' } });
}
