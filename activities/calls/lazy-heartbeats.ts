/** A call heartbeats only from this age on, so that short calls cost no extra request. */
const CALL_HEARTBEAT_AFTER_MS = 1_000;
const CALL_HEARTBEAT_INTERVAL_MS = 1_000;

export interface LazyHeartbeats {
  /** Sends the next one now. */
  now(): void;
  stop(): void;
}

/** Sends heartbeats of a call only once it has become a long one: short calls cost no extra request. */
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
