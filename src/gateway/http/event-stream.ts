import { type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { end, isAnswered } from './answer';
import { type HttpCall } from './contract';
import { type RpcMessage } from '../../base/jsonrpc';

/** A comment on every event stream, so that nobody on the way takes it for dead. */
const STREAM_KEEP_ALIVE_MS = 15_000;

/** A response that goes on for as long as both sides like (Server-Sent Events). */
export interface EventStream {
  /** Sends a message, or its JSON as it was stored; dropped when the stream is closed. */
  send(message: RpcMessage | string, eventId?: string): void;
  /** Sends an event without a message: where a client goes on after a break, and how soon (milliseconds). */
  prime(eventId: string, retryMs?: number): void;
  /** Sends an event of another kind than `message`. */
  event(name: string, data: string): void;
  /** Ends the response; the client may come back. */
  end(): void;
  /** Fires when it has ended, whoever ended it. */
  readonly closed: AbortSignal;
}

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no', // nginx would collect the events
};

/** Each with a signal of its own, which keeps whoever listens to it. */
const closedStream = (): EventStream => ({
  send: () => undefined,
  prime: () => undefined,
  event: () => undefined,
  end: () => undefined,
  closed: AbortSignal.abort(),
});

/**
 * Begins the response as a stream, which is closed from the start when its client has gone or was sent away. A client that reads too
 * little of it is cut off: by bytes that wait, or by time.
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

/** Ends a stream from outside: with a last message, if its client waits for one, and the reason for people who look. */
export function endEventStream(response: ServerResponse, reason: string, last?: RpcMessage): void {
  if (response.writableEnded) return;
  const message = last ? eventText({ name: 'message', data: json(last) }) : '';
  end(response, `${message}: ${reason}\n\n`);
}

interface EventParts {
  name?: string;
  /** Without line breaks, as JSON is. */
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
