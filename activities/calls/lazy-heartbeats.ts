import { CALL_HEARTBEAT_AFTER_MS, CALL_HEARTBEAT_INTERVAL_MS } from '../../src/domain/limits';

export interface LazyHeartbeats {
  /** The next one is due. */
  now(): void;
  stop(): void;
}

/** Heartbeats of a call, which begin only when it has become a long one: short calls cost no request more. */
export function heartbeatLazily(send: () => void): LazyHeartbeats {
  const beat = () => {
    send();
    timer = setTimeout(beat, CALL_HEARTBEAT_INTERVAL_MS);
  };
  let timer = setTimeout(beat, CALL_HEARTBEAT_AFTER_MS);
  let isOver = false;
  return {
    now() {
      if (isOver) return;
      clearTimeout(timer);
      beat();
    },
    stop() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
