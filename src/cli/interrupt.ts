/** The value, or undefined when Ctrl-C came first: then nobody waits for it any more. */
export async function unlessInterrupted<T>(
  work: Promise<T>,
  interrupted: AbortSignal,
): Promise<T | undefined> {
  if (interrupted.aborted) return undefined;
  work.catch(() => undefined); // after an interrupt its end is nobody's business
  return new Promise((resolve, reject) => {
    interrupted.addEventListener('abort', () => resolve(undefined), { once: true });
    work.then(resolve, reject);
  });
}
