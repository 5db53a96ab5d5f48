import { type ServerSpec, DEFAULT_IDLE_TIMEOUT_MS } from '../../src/domain/spec';
import { type SupervisedServer } from './supervised-server';

/** Longest interval between checks, in ms: a part of the timeout is used, so that a short one is met as well. */
const MAX_CHECK_INTERVAL_MS = 10_000;
const LOOKS_PER_TIMEOUT = 10;

export interface IdleWatch {
  /** Whether it has reported: a stop that follows lasts until the next call, even when one has come in between. */
  wasTold(): boolean;
  close(): void;
}

/**
 * Reports once when nobody has called an on-demand server for its idle timeout; again after another call.
 *
 * @param specOf - the spec that holds now: a reload may make it on-demand, or not anymore
 */
export function watchIdle(
  specOf: () => ServerSpec,
  server: Pick<SupervisedServer, 'serving'>,
  onIdle: () => void,
): IdleWatch {
  let toldOfMs = 0;
  const usedAt = () => {
    const { serving } = server;
    if (!serving || serving.calls.count > 0) return Date.now();
    return Math.max(serving.sinceMs, serving.calls.lastEndAtMs);
  };
  const look = () => {
    timer = setTimeout(look, untilNextLook());
    const { activation, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = specOf();
    const usedAtMs = usedAt();
    if (activation !== 'on-demand' || usedAtMs === toldOfMs) return;
    if (Date.now() - usedAtMs < idleTimeoutMs) return;
    toldOfMs = usedAtMs;
    onIdle();
  };
  const untilNextLook = () => {
    const { idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = specOf();
    return Math.min(MAX_CHECK_INTERVAL_MS, idleTimeoutMs / LOOKS_PER_TIMEOUT);
  };
  let timer = setTimeout(look, untilNextLook());
  return { wasTold: () => toldOfMs > 0, close: () => clearTimeout(timer) };
}
