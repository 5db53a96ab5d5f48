import { type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { end, isAnswered } from './answer';
import { type HttpCall } from './contract';
import { type RpcMessage } from '../../base/jsonrpc';

/** Interval of comments on every event stream, so that no proxy considers it dead. */
const STREAM_KEEP_ALIVE_MS = 15_000;

/** Response that stays open (Server-Sent Events). */
export interface EventStream {
  /** Sends a message, or its stored JSON; dropped if the stream is closed. */
  send(message: RpcMessage | string, eventId?: string): void;
  /**
   * Sends an event without a message: the position from which a client resumes, and after which
   * delay (milliseconds).
   */
  prime(eventId: string, retryMs?: number): void;
  /** Sends an event of another type than `message`. */
  event(name: string, data: string): void;
  /** Ends the response; the client may reconnect. */
  end(): void;
  /** Fires when the stream has ended, on either side. */
  readonly closed: AbortSignal;
}

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no', // nginx would collect the events
};

/** Each has its own signal, because a signal holds its listeners. */
const closedStream = (): EventStream => ({
  send: () => undefined,
  prime: () => undefined,
  event: () => undefined,
  end: () => undefined,
  closed: AbortSignal.abort(),
});

/**
 * Starts the response as a stream; it is closed from the start if its client has disconnected. A
 * client that reads too slowly is disconnected: by the number of waiting bytes, or by time.
 */
export function openEventStream(
  { response, identity }: Pick<HttpCall, 'response' | 'identity'>,
  headers: OutgoingHttpHeaders = {},
): EventStream {
  if (isAnswered(response)) return closedStream();
  const closed = new AbortController();
  let taken = 0;
  const write = (text: string) => {
    if (closed.signal.aborted || response.writableEnded) return;
    if (response.writableLength > identity.limits.bufferBytes) response.destroy();
    else response.write(text);
  };
  const keepAlive = setInterval(() => {
    const before = taken;
    taken = response.socket?.bytesWritten ?? 0;
    const isStalled = response.writableLength > 0 && taken === before;
    if (isStalled) response.destroy();
    else write(': keep-alive\n\n');
  }, STREAM_KEEP_ALIVE_MS).unref();
  response.once('close', () => {
    clearInterval(keepAlive);
    closed.abort();
  });
  response.writeHead(200, { ...HEADERS, ...headers });
  response.flushHeaders();
  return {
    send: (message, eventId) => write(eventText({ name: 'message', data: json(message), eventId })),
    prime: (eventId, retryMs) => write(eventText({ data: '', eventId, retryMs })),
    event: (name, data) => write(eventText({ name, data })),
    end: () => void response.end(),
    closed: closed.signal,
  };
}

/**
 * Ends a stream from outside: with a last message, if its client waits for one, and the reason as a
 * comment for people.
 */
export function endEventStream(response: ServerResponse, reason: string, last?: RpcMessage): void {
  if (response.writableEnded) return;
  const message = last ? eventText({ name: 'message', data: json(last) }) : '';
  end(response, `${message}: ${reason}\n\n`);
}

interface EventParts {
  name?: string;
  /** Data without line breaks, such as JSON. */
  data: string;
  eventId?: string | undefined;
  retryMs?: number | undefined;
}

function eventText({ name, data, eventId, retryMs }: EventParts): string {
  const head = name === undefined ? '' : `event: ${name}\n`;
  const id = eventId === undefined ? '' : `id: ${eventId}\n`;
  const retry = retryMs === undefined ? '' : `retry: ${retryMs}\n`;
  return `${head}${id}${retry}data: ${data}\n\n`;
}

function json(message: RpcMessage | string): string {
  return typeof message === 'string' ? message : JSON.stringify(message);
}
