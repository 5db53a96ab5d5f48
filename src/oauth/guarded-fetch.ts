import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type FetchLike } from '@modelcontextprotocol/client';
import { Agent, fetch as undiciFetch, type Response as UndiciResponse } from 'undici';
import { MainspringError } from '../domain/errors';
import { type AddressClass, classOfAddress, farthest, mayReach } from './address-class';

const CONNECT_TIMEOUT_MS = 5_000;
/** One request with everything that follows from it. */
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Statuses that cannot have a body. */
const BODILESS = new Set([204, 205, 304]);

/** Asks for what a server or its authorization server has named, which nobody of ours has looked at before. */
export interface GuardedFetch {
  fetch: FetchLike;
  /** Only the status and the headers; whatever follows is not read. */
  headersOf: (url: URL, init: RequestInit) => Promise<Response>;
  close(): Promise<void>;
}

/**
 * `fetch` that speaks https only (on this machine also http), follows redirects only within one origin, reads answers of a
 * bounded size in a bounded time, and does not connect to an address that is nearer to us than the server at `server` itself:
 * its metadata must not be a way into our network (SSRF). Addresses are checked when they are connected to.
 */
export async function createGuardedFetch(server: URL, signal?: AbortSignal): Promise<GuardedFetch> {
  const from = farthest((await addressesOf(bareHost(server))).map(classOfAddress));
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(from) },
  });
  const send = async (url: URL, init: RequestInit): Promise<UndiciResponse> => {
    checkTarget(url, from);
    const { method = 'GET', headers, body } = init;
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    return undiciFetch(url, {
      method,
      headers: [...new Headers(headers)],
      body: body === undefined || body === null ? null : textOf(body),
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      dispatcher: agent,
    });
  };
  const fetch: FetchLike = async (target, init = {}) => {
    let url = new URL(target);
    for (let hops = 0; ; hops++) {
      const response = await send(url, init);
      const location = response.headers.get('location');
      if (!REDIRECTS.has(response.status) || location === null) return wholeOf(response);
      await response.body?.cancel();
      const next = new URL(location, url);
      const isRead = (init.method ?? 'GET') === 'GET';
      if (!isRead || next.origin !== url.origin || hops === MAX_REDIRECTS) {
        throw refused(`${url.origin} redirects to ${next.origin}`);
      }
      url = next;
    }
  };
  return {
    fetch,
    async headersOf(url, init) {
      const response = await send(url, init);
      await response.body?.cancel();
      return new Response(null, { status: response.status, headers: [...response.headers] });
    },
    close: () => agent.destroy(),
  };
}

/** Whether what is sent there stays on this machine or is encrypted. */
export function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'wss:' || isThisMachine(bareHost(url));
}

function checkTarget(url: URL, from: AddressClass): void {
  const host = bareHost(url);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isThisMachine(host))) {
    throw refused(`${url.origin} is not https`);
  }
  // A host that is an address is not looked up.
  if (isIP(host)) checkAddress(host, host, from);
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && classOfAddress(host) === 'loopback');
}

function checkAddress(address: string, host: string, from: AddressClass): void {
  const to = classOfAddress(address);
  if (mayReach(from, to)) return;
  throw refused(`${host} is a ${to} address, and the server is a ${from} one`);
}

function guardedLookup(from: AddressClass): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      try {
        for (const { address } of addresses) checkAddress(address, hostname, from);
      } catch (refusal) {
        return callback(refusal instanceof Error ? refusal : new Error(String(refusal)), '');
      }
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? '', first?.family);
    });
  };
}

/** A name that cannot be resolved is told by the request itself. */
async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  const found = await new Promise<LookupAddress[]>((resolve) =>
    lookUp(host, { all: true }, (error, addresses) => resolve(error ? [] : addresses)),
  );
  return found.map(({ address }) => address);
}

function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function textOf(body: NonNullable<RequestInit['body']>): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new MainspringError('INTERNAL_ERROR', 'a body that is neither text nor a form');
}

async function wholeOf(response: UndiciResponse): Promise<Response> {
  const { status, headers } = response;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw refused(`an answer has more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const body = BODILESS.has(status) ? null : Buffer.concat(chunks);
  return new Response(body, { status, headers: [...headers] });
}

function refused(why: string): MainspringError {
  return new MainspringError('LOGIN_FAILED', `Not asked for an access token: ${why}.`, {
    fix: 'Check the URL of the server. If it is right, its metadata is not: tell its operator.',
  });
}
