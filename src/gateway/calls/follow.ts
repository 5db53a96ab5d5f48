import { type GatewayDeps } from '../deps';
import { type EndpointView } from '../endpoint/endpoint-view';
import { type Exchange } from '../exchange';
import { rewriteUris } from '../endpoint/rewrite-uris';
import { type Started } from './started';
import { type JsonObject } from '../../base/json';

export interface Follow {
  /** Routes input requests and notifications of this call to the client. */
  as(callId: string): void;
  /**
   * Resolves with the outcome of the call after all of its notifications have arrived; none comes
   * afterwards.
   */
  until<Outcome>(outcome: Promise<Outcome>): Promise<Outcome>;
}

/**
 * Longest wait for notifications that were sent before an answer; they take another path than the
 * answer.
 */
const LAST_NOTIFICATIONS_MS = 50;

/**
 * Connects a client's request to a call: passes on its notifications, and cancels it with the
 * request.
 */
export function followed(
  { live, sockets }: Pick<GatewayDeps, 'live' | 'sockets'>,
  exchange: Exchange,
  call?: { cancel(reason: string): Promise<void> },
): Follow {
  let detach: () => void = () => undefined;
  let callId: string | undefined;
  const cancel = () => {
    void call?.cancel('cancelled by the client').catch(() => undefined); // the result shows how it ended
  };
  if (call) {
    exchange.signal.addEventListener('abort', cancel, { once: true });
    if (exchange.signal.aborted) cancel();
  }
  return {
    as(id) {
      detach();
      callId = id;
      detach = live.attach(id, exchange);
    },
    async until(outcome) {
      try {
        const ended = await outcome;
        if (callId !== undefined && live.hasNotified(callId)) {
          await sockets.ended(callId, LAST_NOTIFICATIONS_MS);
        }
        return ended;
      } finally {
        if (call) exchange.signal.removeEventListener('abort', cancel);
        detach();
      }
    },
  };
}

/** Connects a client's request to a call that Temporal already has. */
export function startedFrom<Outcome>(
  deps: Pick<GatewayDeps, 'live' | 'sockets'>,
  exchange: Exchange,
  view: EndpointView,
  handle: {
    id: string;
    server: string;
    result(): Promise<Outcome>;
    cancel(reason: string): Promise<void>;
  },
  resultOf: (outcome: Outcome) => JsonObject,
): Started {
  const { id: callId, server } = handle;
  const follow = followed(deps, exchange, handle);
  follow.as(callId);
  const result = follow
    .until(handle.result())
    .then((outcome) => rewriteUris(resultOf(outcome), view, server));
  result.catch(() => undefined); // rejections reach those who wait for the result
  return {
    callId,
    server,
    result: () => result,
    cancel: (reason) => handle.cancel(reason),
  };
}
