import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { badRequest, type Refusal, refusal } from './refusal';
import { Duplex } from './duplex';
import { openEventStream } from './event-stream';
import { type FrontContext } from './front-context';
import { accepts } from './media-types';
import { sendAway } from './send-away';
import { readMessageBody } from './streamable';
import { type Visit } from './visitors';

interface SseConnection {
  principal: string;
  duplex: Duplex;
}

/**
 * HTTP+SSE, the transport of 2024-11-05: a stream to the client, and POSTs from it that name the
 * stream.
 */
export class SseEndpoint {
  readonly #connections = new Map<string, SseConnection>();

  constructor(private readonly context: FrontContext) {}

  /** GET: opens the stream and sends the URL to post to. */
  async open(request: IncomingMessage, response: ServerResponse, visit: Visit): Promise<void> {
    const { identity } = visit;
    if (!accepts(request.headers.accept, 'text/event-stream')) {
      throw badRequest(406, 'Accept must allow text/event-stream.');
    }
    response.once('close', this.context.usage.take('streams', identity.principal));
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    const duplex = await Duplex.open(this.context, identity, closed.signal);
    const id = randomUUID();
    this.#connections.set(id, { principal: identity.principal, duplex });
    this.context.streams.add(response);
    const forget = () => {
      this.context.streams.delete(response);
      this.#connections.delete(id);
      duplex.close('ended'); // this transport cannot resume
    };
    if (closed.signal.aborted) return forget();
    response.once('close', forget);
    const dismiss = (refusal: Refusal) => {
      duplex.dismiss(refusal);
      sendAway(response, undefined, refusal);
    };
    if (visit.dismissal) return dismiss(visit.dismissal);
    visit.onDismissed(dismiss);
    const stream = openEventStream({ response, identity });
    stream.event('endpoint', `/messages?sessionId=${id}`);
    duplex.attach((json) => stream.send(json));
  }

  /** POST: receives one message; its answer goes to the stream. */
  async receive(request: IncomingMessage, response: ServerResponse, visit: Visit): Promise<void> {
    const [, query = ''] = (request.url ?? '').split('?');
    const id = new URLSearchParams(query).get('sessionId') ?? '';
    const connection = this.#connections.get(id);
    // The stream of another principal gives the same error as an unknown one.
    if (connection?.principal !== visit.identity.principal) {
      throw refusal(404, 'UNKNOWN_SESSION', 'There is no stream with this sessionId.');
    }
    const body = await readMessageBody(this.context, request);
    if (visit.dismissal) throw visit.dismissal;
    response.writeHead(202).end('Accepted');
    connection.duplex.receive(body);
  }
}
