import { answerEmpty } from '../http/answer';
import { type HttpCall } from '../http/contract';
import { type EventStream, openEventStream } from '../http/event-stream';
import { reply } from '../http/reply';
import { type ReplyChannel } from './channel';
import { eventId, type EventPosition } from './event-id';
import { type LiveSession } from './live-session';
import { allowsEmptyEvents } from './versions';
import { type RpcMessage } from '../../base/jsonrpc';
import { STREAM_RETRY_MS } from './stream-channel';

/**
 * Time after which a request is answered with a stream, which keeps the connection alive and can be
 * resumed.
 */
const STREAM_AFTER_MS = 250;

/**
 * Response to a POST with requests: JSON if no message precedes their answers and those come soon;
 * otherwise a stream, which keeps the connection alive and can be resumed. A client that reads no
 * streams gets only the answers, however late.
 */
export class PostReply implements ReplyChannel {
  /** No signal: each request has one of these, and creating a signal costs more than the rest of it. */
  readonly closed = { aborted: false };
  readonly #streamTimer: NodeJS.Timeout | undefined;
  readonly #responses: RpcMessage[] = [];
  #stream: EventStream | undefined;
  #mark: EventPosition | undefined;

  /** `open` is the number of requests to answer; more than one only in a batch. */
  constructor(
    private readonly call: HttpCall,
    private readonly session: LiveSession,
    private open: number,
    private readonly isBatch: boolean,
  ) {
    if (call.reads.stream)
      this.#streamTimer = setTimeout(() => this.#openedStream(), STREAM_AFTER_MS);
    call.response.once('close', () => {
      clearTimeout(this.#streamTimer);
      this.closed.aborted = true;
    });
  }

  send(message: RpcMessage, position?: EventPosition): void {
    if (!this.call.reads.stream && !('id' in message)) return;
    this.#openedStream().send(message, position && this.#eventId(position));
  }

  mark(position: EventPosition): void {
    this.#mark = position;
    if (this.#stream) this.#prime(this.#stream);
  }

  finish(response: RpcMessage | undefined, position: EventPosition): void {
    this.open -= 1;
    if (this.#stream) {
      if (response) this.#stream.send(response, this.#eventId(position));
      if (this.open === 0) this.#stream.end();
      return;
    }
    if (response) this.#responses.push(response);
    if (this.open === 0) this.#answer();
  }

  /** A client that could not resume keeps waiting as long as this process lives. */
  end(how: 'over' | 'elsewhere'): void {
    const canResume = this.#isResumable && this.#mark?.callId !== undefined;
    if (how === 'over' || canResume) this.#openedStream().end();
  }

  #answer(): void {
    clearTimeout(this.#streamTimer);
    const [only] = this.#responses;
    if (!only) answerEmpty(this.call.response, 202);
    else reply(this.call, this.isBatch ? this.#responses : only);
  }

  #openedStream(): EventStream {
    if (this.#stream) return this.#stream;
    clearTimeout(this.#streamTimer);
    this.#stream = openEventStream(this.call);
    this.#prime(this.#stream);
    for (const response of this.#responses.splice(0)) this.#stream.send(response);
    return this.#stream;
  }

  /** A batch has no single position to resume from. */
  get #isResumable(): boolean {
    return !this.isBatch && allowsEmptyEvents(this.session.record.protocolVersion);
  }

  /** Sends the position from which to resume after a break. */
  #prime(stream: EventStream): void {
    if (this.#mark && this.#isResumable) stream.prime(this.#eventId(this.#mark), STREAM_RETRY_MS);
  }

  #eventId(position: EventPosition): string {
    return eventId(this.session.seal, position);
  }
}
