import { type CallProgress } from '../src/domain/calls';
import { CALL_HEARTBEAT_AFTER_MS, CALL_HEARTBEAT_INTERVAL_MS } from '../src/domain/limits';

export interface LazyHeartbeats {
  /** Sent with the next heartbeat: the caller reads it as progress. */
  report(progress: CallProgress): void;
  stop(): void;
}

/** Heartbeats of a call, which begin only when it has become a long one: short calls cost no request more. */
export function heartbeatLazily(send: (progress?: CallProgress) => void): LazyHeartbeats {
  let latest: CallProgress | undefined;
  const beat = () => {
    send(latest);
    timer = setTimeout(beat, CALL_HEARTBEAT_INTERVAL_MS);
  };
  let timer = setTimeout(beat, CALL_HEARTBEAT_AFTER_MS);
  return {
    report: (progress) => (latest = progress),
    stop: () => clearTimeout(timer),
  };
}
