import { type GatewayDeps } from './deps';
import { type Exchange } from './exchange';

export interface Follow {
  /** What a server asks or reports under this id is for the client from now on. */
  as(callId: string): void;
  end(): void;
}

/** Lets a request of a client stand for a call: hear what comes in the middle of it, and cancel it. */
export function followed(
  { live }: Pick<GatewayDeps, 'live'>,
  exchange: Exchange,
  call?: { cancel(reason: string): Promise<void> },
): Follow {
  let detach: () => void = () => undefined;
  const cancel = () => {
    void call?.cancel('cancelled by the client').catch(() => undefined); // how it ended, its result says
  };
  exchange.signal.addEventListener('abort', cancel, { once: true });
  if (exchange.signal.aborted) cancel();
  return {
    as(callId) {
      detach();
      detach = live.attach(callId, exchange);
    },
    end() {
      exchange.signal.removeEventListener('abort', cancel);
      detach();
    },
  };
}
