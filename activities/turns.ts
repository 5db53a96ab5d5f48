export type Turns = <Result>(act: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;

/** Lets this many act at once; the others wait in the order in which they came, or give up when their signal fires. */
export function createTurns(atOnce: number): Turns {
  const waiting = new Set<() => void>();
  let acting = 0;
  const next = () => {
    acting--;
    const [first] = waiting;
    first?.();
  };
  const turn = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        waiting.delete(begin);
        signal.removeEventListener('abort', giveUp);
        acting++;
        resolve();
      };
      const giveUp = () => {
        waiting.delete(begin);
        reject(signal.reason as Error);
      };
      if (acting < atOnce) return begin();
      waiting.add(begin);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  return async (act, signal) => {
    signal.throwIfAborted();
    await turn(signal);
    try {
      return await act();
    } finally {
      next();
    }
  };
}
