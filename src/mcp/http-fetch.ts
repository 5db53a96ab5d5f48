import { setMaxListeners } from 'node:events';
import { type FetchLike } from '@modelcontextprotocol/client';
import { Agent, fetch as undiciFetch, type Response as UndiciResponse } from 'undici';
import { MainspringError } from '../domain/errors';
import {
  type Answered,
  type Authorization,
  isLoginRequired,
  sendAuthorized,
} from './authorization';
import { sending } from './request-observer';
import { frameTooLarge } from './stdio-transport';

const CONNECT_TIMEOUT_MS = 10_000;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

interface HttpFetchOptions {
  /** Largest JSON body, and largest single event of a stream. */
  maxFrameBytes: number;
  onTooLarge: (error: MainspringError) => void;
  /** Puts an access token into every request, in place of whatever header Authorization there is. */
  authorization?: Authorization | undefined;
  onLoginRequired: (error: MainspringError) => void;
  /** A GET stream (server to client) has ended or broken. */
  onStreamLost: () => void;
}

export interface HttpFetch {
  fetch: FetchLike;
  close(): Promise<void>;
}

/**
 * `fetch` for the SDK's HTTP transports. Without undici's 300 s limit on headers and bodies, which would end slow calls; with a limit
 * on the size of a message; and with an abort signal of its own per request, because undici leaves a listener
 * on the transport's signal for each one.
 */
export function createHttpFetch(options: HttpFetchOptions): HttpFetch {
  const agent = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });
  const fetch: FetchLike = async (url, init = {}) => {
    const hooks = sending.getStore();
    const { signal, free } = derivedSignal(init.signal ?? undefined);
    try {
      const { method = 'GET', body, redirect } = init;
      const send = async (authorization: string | undefined) => {
        const headers = new Headers(init.headers);
        if (authorization !== undefined) headers.set('authorization', authorization);
        hooks?.beforeFirstByte();
        const response = await undiciFetch(url, {
          method,
          headers: [...headers],
          body: typeof body === 'string' ? body : null,
          redirect: redirect ?? 'follow',
          signal,
          dispatcher: agent,
        });
        return answeredBy(response);
      };
      const { response } = await sendAuthorized(options.authorization, send).catch(
        (error: unknown) => {
          // That it was refused means that nothing has been done.
          if (error instanceof MainspringError) hooks?.onHttpStatus(401, undefined);
          throw error;
        },
      );
      hooks?.onHttpStatus(response.status, response.headers.get('retry-after') ?? undefined);
      const isStream =
        response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
      const end = (isLost: boolean) => {
        free();
        if (isLost && isStream && method === 'GET') options.onStreamLost();
      };
      if (response.body === null) end(false);
      const limited = response.body && limitFrames(response.body, isStream, options, end);
      const { status, statusText } = response;
      return new Response(limited, { status, statusText, headers: [...response.headers] });
    } catch (error) {
      free();
      if (error instanceof MainspringError && isLoginRequired(error))
        options.onLoginRequired(error);
      throw error;
    }
  };
  return { fetch, close: () => agent.destroy() };
}

function answeredBy(response: UndiciResponse): Answered & { response: UndiciResponse } {
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
  // One listener per request under way is no leak.
  if (parent) setMaxListeners(0, parent);
  parent?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    free: () => parent?.removeEventListener('abort', abort),
  };
}

/** Passes a body on, and breaks it off when a message in it is too large. `end` is told whether it ended by itself. */
function limitFrames(
  body: ReadableStream<Uint8Array>,
  isStream: boolean,
  { maxFrameBytes, onTooLarge }: HttpFetchOptions,
  end: (isLost: boolean) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const frameBytes = isStream ? eventMeter() : totalMeter();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          end(true);
          controller.close();
        } else if (frameBytes(value) > maxFrameBytes) {
          onTooLarge(frameTooLarge(maxFrameBytes));
          throw frameTooLarge(maxFrameBytes);
        } else {
          controller.enqueue(value);
        }
      } catch (error) {
        end(true);
        controller.error(error);
        await reader.cancel(error).catch(() => undefined); // it is broken already
      }
    },
    async cancel(reason) {
      end(false);
      await reader.cancel(reason);
    },
  });
}

function totalMeter(): (chunk: Uint8Array) => number {
  let total = 0;
  return (chunk) => (total += chunk.length);
}

/** Bytes of the event that has begun: an empty line ends one. */
function eventMeter(): (chunk: Uint8Array) => number {
  let eventBytes = 0;
  let lineBytes = 0;
  return (chunk) => {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      lineBytes += at - start;
      const isEmpty = lineBytes === 0 || (lineBytes === 1 && chunk[at - 1] === CARRIAGE_RETURN);
      eventBytes = isEmpty ? 0 : eventBytes + lineBytes;
      lineBytes = 0;
      start = at + 1;
    }
    lineBytes += chunk.length - start;
    return eventBytes + lineBytes;
  };
}
