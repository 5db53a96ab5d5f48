import { type HttpCall } from '../http/contract';
import { openEventStream } from '../http/event-stream';
import { badRequest } from '../http/refusal';
import { type ListeningChannel, type ReplyChannel } from './channel';
import { eventId, type EventPosition } from './event-id';
import { type LiveSession } from './live-session';
import { allowsEmptyEvents } from './versions';
import { type RpcMessage } from '../../base/jsonrpc';

/**
 * Delay after which a legacy client reconnects; twice this must be enough for a restart of the
 * gateway.
 */
export const STREAM_RETRY_MS = 2_500;

/**
 * Answers a GET with a stream: of messages that belong to no request, or the continuation of a
 * request's broken stream.
 *
 * @throws Refusal when the client has already disconnected
 */
export function openChannel(call: HttpCall, session: LiveSession): ReplyChannel & ListeningChannel {
  // A stream on a closed response would never be closed.
  if (call.gone.aborted) throw badRequest(400, 'The client has disconnected.');
  const stream = openEventStream(call);
  const idOf = (position: EventPosition) => eventId(session.seal, position);
  return {
    closed: stream.closed,
    send: (message: RpcMessage, position) => stream.send(message, position && idOf(position)),
    mark(position) {
      if (!allowsEmptyEvents(session.record.protocolVersion)) return;
      stream.prime(idOf(position), STREAM_RETRY_MS);
    },
    finish(response, position) {
      if (response) stream.send(response, idOf(position));
      stream.end();
    },
    end: () => stream.end(),
  };
}
