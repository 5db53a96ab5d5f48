import { type GatewayDeps } from '../deps';
import { type EndpointView } from '../endpoint/endpoint-view';
import { type Exchange } from '../exchange';
import { rewriteUris } from '../endpoint/rewrite-uris';
import { type Started } from './started';
import { type JsonObject } from '../../base/json';

export interface Follow {
  /** What a server asks or reports under this id is for the client from now on. */
  as(callId: string): void;
  /** The outcome of the call, when everything has come that the server said during it; nothing comes afterwards. */
  until<Outcome>(outcome: Promise<Outcome>): Promise<Outcome>;
}

/** Longest wait for what was said before an answer; it comes by another way than the answer itself. */
const HEARD_WITHIN_MS = 50;

/** Lets a request of a client stand for a call: hear what comes in the middle of it, and cancel it. */
export function followed(
  { live, sockets }: Pick<GatewayDeps, 'live' | 'sockets'>,
  exchange: Exchange,
  call?: { cancel(reason: string): Promise<void> },
): Follow {
  let detach: () => void = () => undefined;
  let callId: string | undefined;
  const cancel = () => {
    void call?.cancel('cancelled by the client').catch(() => undefined); // how it ended, its result says
  };
  exchange.signal.addEventListener('abort', cancel, { once: true });
  if (exchange.signal.aborted) cancel();
  return {
    as(id) {
      detach();
      callId = id;
      detach = live.attach(id, exchange);
    },
    async until(outcome) {
      try {
        const ended = await outcome;
        if (callId !== undefined && live.hasSpoken(callId)) {
          await sockets.ended(callId, HEARD_WITHIN_MS);
        }
        return ended;
      } finally {
        exchange.signal.removeEventListener('abort', cancel);
        detach();
      }
    },
  };
}

/** What Temporal has, for the request of a client that stands for it from now on. */
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
  result.catch(() => undefined); // whoever waits for the result gets it
  return {
    callId,
    server,
    result: () => result,
    cancel: (reason) => handle.cancel(reason),
  };
}
