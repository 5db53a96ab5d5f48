import { type buildConnector, type RequestInit, type Response } from 'undici';
import { type AddressClass } from './address-class';
import { openOutbound, type Outbound } from './outbound';
import { proxyOf } from './proxy';
import { bareHost, createReach, type Reach, RefusedHost } from './reach';

const CONNECT_TIMEOUT_MS = 5_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface GuardedOptions {
  /** What somebody has written down, as opposed to what came with an answer. */
  configured: readonly URL[];
  /** How far away the configured hosts were found to be before. */
  from?: AddressClass | undefined;
  /** Why a URL is not asked for, as the rest of a sentence; `before` has redirected to it. */
  refusal?: (url: URL, before: URL | undefined) => string | undefined;
  /** Redirects that are followed, each judged as the first URL is; default 0: a redirect is an answer. */
  maxRedirects?: number;
}

/** The one way in which we ask for what we were told of by others, or by a config. */
export interface Guarded {
  /** @throws RefusedHost, also as the cause of undici's TypeError */
  fetch(url: URL, init?: RequestInit): Promise<Response>;
  readonly from: AddressClass;
  close(): Promise<void>;
}

/**
 * Judges every address that is connected to (`Reach`), every redirect, and connects to nothing else. A proxy looks up names itself
 * and decides what it reaches: only an address that is written as such is judged before it is asked.
 */
export async function openGuarded(options: GuardedOptions): Promise<Guarded> {
  const { configured, from, refusal, maxRedirects = 0 } = options;
  const reach = createReach(configured, from && [from]);
  // Only here, because it takes 0.1 s to load.
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
        const isLed = REDIRECTS.has(response.status) && location !== null;
        if (!isLed || maxRedirects === 0) return response;
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

/** What has kept a request from being sent; fetch hides it in a cause. */
export function refusalIn(error: unknown): RefusedHost | undefined {
  if (error instanceof RefusedHost) return error;
  return error instanceof Error && error.cause instanceof RefusedHost ? error.cause : undefined;
}
