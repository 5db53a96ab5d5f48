import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FetchLike, type RequestId } from '@modelcontextprotocol/client';
import * as undici from 'undici';
import { MainspringError } from '../../base/errors';
import { openOutbound } from '../../net/outbound';
import {
  type AuthorizedResponse,
  type Authorization,
  isLoginRequired,
  sendAuthorized,
} from '../session/authorization';
import { FairShare } from './fair-share';
import { type RefusedFrame } from './accept-frames';
import { type BodyFilter, eventStream, firstBytes, jsonBody } from './http-frames';
import { sending } from './request-observer';
import { StreamPace } from './stream-pace';

const CONNECT_TIMEOUT_MS = 10_000;
const NO_STREAM_STATUS = 405;

interface HttpFetchOptions {
  /** Largest JSON body, and largest single event of a stream. */
  maxFrameBytes: number;
  /** Called with each message that is refused. */
  onRefused: (frame: RefusedFrame) => void;
  /** Source of access tokens. They replace any header Authorization. */
  authorization?: Authorization | undefined;
  onLoginRequired: (error: MainspringError) => void;
  /** The server need not have a stream of its own (GET), which Streamable HTTP leaves optional. */
  isStreamOptional: boolean;
  /** Called when a GET stream (server to client) has ended or broken. */
  onStreamLost: () => void;
}

export interface HttpFetch {
  fetch: FetchLike;
  close(): Promise<void>;
}

/**
 * Creates the `fetch` of the SDK's HTTP transports: without undici's 300 s limit on headers and
 * bodies, which would end slow calls; with a limit on the size of a message; and with a separate
 * abort signal per request, because undici leaves a listener on the transport's signal for each
 * one.
 */
export function createHttpFetch(options: HttpFetchOptions): HttpFetch {
  const outbound = openOutbound(undici, {
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });
  const pace = new StreamPace();
  const fetch: FetchLike = async (url, init = {}) => {
    const hooks = sending.getStore();
    const { signal, free } = derivedSignal(init.signal ?? undefined);
    try {
      const { method = 'GET', body } = init;
      const isOwnStream = options.isStreamOptional && isNewStream(method, init);
      if (isOwnStream) await pace.admit(signal);
      const send = async (authorization: string | undefined) => {
        const headers = new Headers(init.headers);
        if (authorization !== undefined) headers.set('authorization', authorization);
        hooks?.beforeFirstByte();
        const response = await undici.fetch(url, {
          method,
          headers: [...headers],
          body: typeof body === 'string' ? body : null,
          redirect: 'manual', // the SDK follows redirects within the origin
          signal,
          dispatcher: outbound.dispatcher,
        });
        return answeredBy(response);
      };
      const { response } = await sendAuthorized(options.authorization, send).catch(
        (error: unknown) => {
          // A refused request has not been processed.
          if (error instanceof MainspringError) hooks?.onHttpStatus(401, undefined);
          throw error;
        },
      );
      hooks?.onHttpStatus(response.status, response.headers.get('retry-after') ?? undefined);
      const isStream =
        response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
      if (isOwnStream && response.ok && !isStream) {
        free();
        await response.body?.cancel();
        return new Response(null, { status: NO_STREAM_STATUS });
      }
      const end = (isLost: boolean) => {
        free();
        if (isLost && isStream && method === 'GET') options.onStreamLost();
      };
      if (response.body === null) end(false);
      const filter = filterFor(response, options, hooks?.id);
      const taken = response.body && filtered(response.body, filter, end);
      const { status, statusText } = response;
      return new Response(taken, { status, statusText, headers: [...response.headers] });
    } catch (error) {
      free();
      if (error instanceof MainspringError && isLoginRequired(error))
        options.onLoginRequired(error);
      throw error;
    }
  };
  return { fetch, close: () => outbound.close() };
}

/**
 * Whether a request opens the stream for messages that belong to no request; one with an event ID
 * resumes a broken stream.
 */
function isNewStream(method: string, { headers }: RequestInit): boolean {
  return method === 'GET' && !new Headers(headers).has('last-event-id');
}

function answeredBy(response: undici.Response): AuthorizedResponse & { response: undici.Response } {
  return {
    response,
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? '',
    discard: async () => response.body?.cancel(),
  };
}

function derivedSignal(parent: AbortSignal | undefined): { signal: AbortSignal; free: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort(parent?.reason);
  if (parent?.aborted) abort();
  // One listener per request in flight is not a leak.
  if (parent) setMaxListeners(0, parent);
  parent?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    free: () => parent?.removeEventListener('abort', abort),
  };
}

/** Passes on the accepted part of a body. `end` is called with whether the body ended by itself. */
function filtered(
  body: ReadableStream<Uint8Array>,
  filter: BodyFilter,
  end: (isLost: boolean) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const share = new FairShare();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        for (;;) {
          const { done, value } = await reader.read();
          let taken: Uint8Array[] = [];
          const pauseMs = share.take(() => (taken = done ? filter.end() : filter.write(value)));
          for (const piece of taken) controller.enqueue(piece);
          if (pauseMs > 0) await sleep(pauseMs);
          if (done) {
            end(true);
            return controller.close();
          }
          if (taken.length > 0) return;
        }
      } catch (error) {
        end(true);
        controller.error(error);
        await reader.cancel(error).catch(() => undefined); // it is already broken
      }
    },
    async cancel(reason) {
      end(false);
      await reader.cancel(reason);
    },
  });
}

/**
 * Returns the filter for a body by its type. The SDK reports any other type, and gets at most as
 * much of it as a message may have.
 */
function filterFor(
  { headers }: undici.Response,
  { maxFrameBytes, onRefused }: HttpFetchOptions,
  within: RequestId | undefined,
): BodyFilter {
  const type = headers.get('content-type') ?? '';
  const maxBytes = maxFrameBytes;
  if (type.startsWith('text/event-stream')) {
    const came = (frame: RefusedFrame) =>
      onRefused({ ...frame, ...(within !== undefined && { within }) });
    return eventStream({ maxBytes, onRefused: came });
  }
  if (!type.startsWith('application/json')) return firstBytes(maxBytes);
  // Any refused message in this body is the answer to this request.
  const answer = (frame: RefusedFrame) =>
    onRefused({ ...frame, ...(within !== undefined && { answers: frame.answers ?? within }) });
  return jsonBody({ maxBytes, onRefused: answer });
}
