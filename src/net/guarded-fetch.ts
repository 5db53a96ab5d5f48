import { type buildConnector, type RequestInit, type Response } from 'undici';
import { type AddressClass } from './address-class';
import { openOutbound, type Outbound } from './outbound';
import { proxyOf } from './proxy';
import { bareHost, createReach, type Reach, RefusedHost } from './reach';

const CONNECT_TIMEOUT_MS = 5_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface GuardedOptions {
  /** URLs that were written down by a user, as opposed to those from an answer. */
  configured: readonly URL[];
  /** Class of the configured hosts, as found before. */
  from?: AddressClass | undefined;
  /** Returns why a URL is not requested, as the rest of a sentence; `before` has redirected to it. */
  refusal?: (url: URL, before: URL | undefined) => string | undefined;
  /** Maximum of redirects, each judged like the first URL; defaults to 0: a redirect is returned as the response. */
  maxRedirects?: number;
}

/** Client for URLs from other parties or from a config: the only way in which we request them. */
export interface GuardedClient {
  /** @throws RefusedHost, also as the cause of undici's TypeError */
  fetch(url: URL, init?: RequestInit): Promise<Response>;
  readonly from: AddressClass;
  close(): Promise<void>;
}

/**
 * Opens a client that judges every address it connects to (`Reach`) and every redirect, and connects to nothing else. A
 * proxy resolves names itself and decides what it reaches: only an address that is written as such is judged before the
 * request.
 */
export async function openGuardedClient(options: GuardedOptions): Promise<GuardedClient> {
  const { configured, from, refusal, maxRedirects = 0 } = options;
  const reach = createReach(configured, from && [from]);
  // Loaded only here, because it takes 0.1 s.
  const { fetch } = await import('undici');
  const { dispatcher, close } = await outboundOf(reach);
  return {
    async fetch(target, init = {}) {
      let before: URL | undefined;
      for (let url = target, hops = 0; ; hops += 1) {
        const why = refusal?.(url, before);
        if (why !== undefined) throw new RefusedHost(why);
        if (proxyOf(url)) reach.check(bareHost(url));
        const response = await fetch(url, { ...init, redirect: 'manual', dispatcher });
        const location = response.headers.get('location');
        const isRedirect = REDIRECTS.has(response.status) && location !== null;
        if (!isRedirect || maxRedirects === 0) return response;
        await response.body?.cancel();
        const next = new URL(location, url);
        const isRead = (init.method ?? 'GET') === 'GET';
        if (!isRead || hops === maxRedirects) {
          throw new RefusedHost(`${url.origin} redirects to ${next.origin}`);
        }
        before = url;
        url = next;
      }
    },

    get from() {
      return reach.from;
    },

    close,
  };
}

async function outboundOf(reach: Reach): Promise<Outbound> {
  const undici = await import('undici');
  const connector = undici.buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: reach.lookup });
  const connect: buildConnector.connector = (where, callback) => {
    try {
      reach.check(where.hostname);
    } catch (refusal) {
      return callback(refusal instanceof Error ? refusal : new Error(String(refusal)), null);
    }
    connector(where, callback);
  };
  return openOutbound(undici, { connect });
}

/** Returns the refusal that kept a request from being sent; fetch hides it in a cause. */
export function refusalIn(error: unknown): RefusedHost | undefined {
  if (error instanceof RefusedHost) return error;
  return error instanceof Error && error.cause instanceof RefusedHost ? error.cause : undefined;
}
