import { type FetchLike } from '@modelcontextprotocol/client';
import { type Response as UndiciResponse } from 'undici';
import { MainspringError } from '../base/errors';
import { ForeignJsonError, parseForeignJson } from '../base/foreign-json';
import { type AddressClass } from '../net/address-class';
import { openGuarded, refusalIn } from '../net/guarded-fetch';
import { bareHost, isThisMachine } from '../net/reach';
import { Pieces } from '../base/pieces';

/** One request with everything that follows from it. */
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 3;
/** Statuses that cannot have a body. */
const BODILESS = new Set([204, 205, 304]);

/** Asks for what a server or its authorization server has named, which nobody of ours has looked at before. */
export interface GuardedFetch {
  fetch: FetchLike;
  /** Only the status and the headers; whatever follows is not read. */
  headersOf: (url: URL, init: RequestInit) => Promise<Response>;
  /** How far away the server was when it was asked. */
  readonly from: AddressClass;
  close(): Promise<void>;
}

/**
 * `fetch` that speaks https only (on this machine also http), follows redirects only within one origin, reads answers of a
 * bounded size and depth in a bounded time, and does not connect to an address that is nearer to us than the server at `server`
 * itself: its metadata must not be a way into our network (SSRF).
 *
 * @param from - how far away it was at the login, for those who do not ask it again
 */
export async function createGuardedFetch(
  server: URL,
  { signal, from }: { signal?: AbortSignal | undefined; from?: AddressClass | undefined } = {},
): Promise<GuardedFetch> {
  const guarded = await openGuarded({
    configured: [server],
    from,
    refusal,
    maxRedirects: MAX_REDIRECTS,
  });
  const send = async (url: URL, { method, headers, body }: RequestInit) => {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const init = {
      ...(method !== undefined && { method }),
      headers: [...new Headers(headers)] as [string, string][],
      body: body === undefined || body === null ? null : textOf(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    };
    return guarded.fetch(url, init).catch((error: unknown) => {
      const why = refusalIn(error);
      throw why ? refused(why.message) : error;
    });
  };
  return {
    fetch: async (target, init = {}) => wholeOf(await send(new URL(target), init), String(target)),
    async headersOf(url, init) {
      const response = await send(url, init);
      await response.body?.cancel();
      return new Response(null, { status: response.status, headers: [...response.headers] });
    },
    get from() {
      return guarded.from;
    },
    close: () => guarded.close(),
  };
}

/** Whether what is sent there stays on this machine or is encrypted. */
export function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'wss:' || isThisMachine(bareHost(url));
}

function refusal(url: URL, before: URL | undefined): string | undefined {
  if (before && before.origin !== url.origin) {
    return `${before.origin} redirects to ${url.origin}`;
  }
  const isOpenHere = url.protocol === 'http:' && isThisMachine(bareHost(url));
  return url.protocol === 'https:' || isOpenHere ? undefined : `${url.origin} is not https`;
}

function textOf(body: NonNullable<RequestInit['body']>): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new MainspringError('INTERNAL_ERROR', 'a body that is neither text nor a form');
}

/** The SDK parses what is in it: JSON, of a depth that whatever comes after it can stand. */
async function wholeOf(response: UndiciResponse, url: string): Promise<Response> {
  const { status, headers } = response;
  const held = new Pieces();
  for await (const chunk of response.body ?? []) {
    if (!(chunk instanceof Uint8Array)) continue;
    held.add(chunk);
    if (held.size > MAX_BODY_BYTES) {
      throw refused(`the response from ${url} has more than ${MAX_BODY_BYTES} bytes`);
    }
  }
  const body = held.take();
  checkDepth(body, url);
  return new Response(BODILESS.has(status) ? null : body, { status, headers: [...headers] });
}

/** What is no JSON at all, such as the page of an error, the SDK tells by itself. */
function checkDepth(body: Buffer, url: string): void {
  try {
    parseForeignJson(body.toString());
  } catch (error) {
    if (!(error instanceof ForeignJsonError)) throw error;
    if (error.problem !== 'not-json') throw refused(`the response from ${url} ${error.message}`);
  }
}

function refused(why: string): MainspringError {
  return new MainspringError('LOGIN_FAILED', `No access token was requested: ${why}.`, {
    fix: 'Check the URL of the server. If it is correct, its metadata is wrong: contact its operator.',
  });
}
