/** Waits for `ms`, or until it is woken or `ended` fires. Does not keep the process alive. */
export function wakeableSleep(
  ms: number,
  ended: AbortSignal,
): { over: Promise<void>; wake: () => void } {
  let wake: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    wake = () => {
      clearTimeout(timer);
      ended.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms).unref();
    if (ended.aborted) wake();
    else ended.addEventListener('abort', wake, { once: true });
  });
  return { over, wake };
}
