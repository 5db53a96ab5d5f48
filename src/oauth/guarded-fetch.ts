import { type FetchLike } from '@modelcontextprotocol/client';
import { type Response as UndiciResponse } from 'undici';
import { MainspringError } from '../base/errors';
import { ForeignJsonError, parseForeignJson } from '../base/foreign-json';
import { type AddressClass } from '../net/address-class';
import { openGuardedClient, refusalIn } from '../net/guarded-fetch';
import { bareHost, isThisMachine } from '../net/reach';
import { Pieces } from '../base/pieces';

/** Time limit of one request, its redirects and its body included. */
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 3;
/** Statuses that cannot have a body. */
const BODILESS = new Set([204, 205, 304]);

/**
 * Fetches URLs that a server or its authorization server has named and that we have not checked
 * before.
 */
export interface GuardedFetch {
  fetch: FetchLike;
  /** Returns only the status and the headers; the body is not read. */
  headersOf: (url: URL, init: RequestInit) => Promise<Response>;
  /** Address class of the server when it was resolved. */
  readonly from: AddressClass;
  close(): Promise<void>;
}

/**
 * Creates a `fetch` that allows only https (and http on this machine) and follows redirects only
 * within one origin. It reads responses of limited size and depth within a limited time. It does
 * not connect to an address that is nearer to us than `server` itself: the metadata of a server
 * must not open a way into our network (SSRF).
 *
 * @param from - address class of the server at the login, to skip resolving it again
 */
export async function createGuardedFetch(
  server: URL,
  { signal, from }: { signal?: AbortSignal | undefined; from?: AddressClass | undefined } = {},
): Promise<GuardedFetch> {
  const guarded = await openGuardedClient({
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
    fetch: async (target, init = {}) => readBody(await send(new URL(target), init), String(target)),
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

/** Whether requests to this URL stay on this machine or are encrypted. */
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

/**
 * Reads the whole body, which must be JSON of a depth that later code can handle; the SDK parses
 * it.
 */
async function readBody(response: UndiciResponse, url: string): Promise<Response> {
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

/** Checks only JSON: the SDK reports other bodies, such as an error page, itself. */
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
