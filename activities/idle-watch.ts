import { DEFAULT_IDLE_TIMEOUT_MS } from '../src/domain/limits';
import { type ServerSpec } from '../src/domain/spec';
import { type SupervisedServer } from './supervised-server';

/** How often it looks, at most: a part of the timeout, so that a short one is met as well. */
const MAX_LOOK_INTERVAL_MS = 10_000;
const LOOKS_PER_TIMEOUT = 10;

export interface IdleWatch {
  /** Whether it has told: a stop that comes afterwards is until the next call, also when one has come in between. */
  wasTold(): boolean;
  close(): void;
}

/** Tells once when nobody has called an on-demand server for its idle timeout; again after another call. */
export function watchIdle(
  spec: ServerSpec,
  server: SupervisedServer,
  onIdle: () => void,
): IdleWatch {
  if (spec.activation !== 'on-demand') return { wasTold: () => false, close: () => undefined };
  const { idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = spec;
  let toldOfMs = 0;
  const usedAt = () => {
    const { serving } = server;
    if (!serving || serving.calls.count > 0) return Date.now();
    return Math.max(serving.sinceMs, serving.calls.lastEndAtMs);
  };
  const look = () => {
    const usedAtMs = usedAt();
    if (usedAtMs === toldOfMs || Date.now() - usedAtMs < idleTimeoutMs) return;
    toldOfMs = usedAtMs;
    onIdle();
  };
  const timer = setInterval(
    look,
    Math.min(MAX_LOOK_INTERVAL_MS, idleTimeoutMs / LOOKS_PER_TIMEOUT),
  );
  return { wasTold: () => toldOfMs > 0, close: () => clearInterval(timer) };
}
