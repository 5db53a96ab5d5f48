export type Limiter = <Result>(
  act: () => Promise<Result>,
  signal: AbortSignal,
  how?: LimiterOptions,
) => Promise<Result>;

interface LimiterOptions {
  /** Whether it goes ahead of all waiting actions that are not urgent. */
  isUrgent?: boolean;
}

/**
 * Runs at most `atOnce` actions at a time. The others wait in order of arrival, or reject when their signal fires. An
 * action that takes longer than `maxTurnMs` lets the next one begin.
 */
export function createLimiter(atOnce: number, maxTurnMs?: number): Limiter {
  const urgent = new Set<() => void>();
  const others = new Set<() => void>();
  let running = 0;
  const next = () => {
    running--;
    const [first] = urgent.size > 0 ? urgent : others;
    first?.();
  };
  const waitForTurn = (waiting: Set<() => void>, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        waiting.delete(begin);
        signal.removeEventListener('abort', abandon);
        running++;
        resolve();
      };
      const abandon = () => {
        waiting.delete(begin);
        reject(signal.reason as Error);
      };
      if (running < atOnce) return begin();
      waiting.add(begin);
      signal.addEventListener('abort', abandon, { once: true });
    });
  return async (act, signal, { isUrgent = false } = {}) => {
    signal.throwIfAborted();
    await waitForTurn(isUrgent ? urgent : others, signal);
    const end = once(next);
    const timer = maxTurnMs === undefined ? undefined : setTimeout(end, maxTurnMs);
    try {
      return await act();
    } finally {
      clearTimeout(timer);
      end();
    }
  };
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
