/** Resolves with the value, or with undefined when Ctrl-C came first: then the work is abandoned. */
export async function unlessInterrupted<T>(
  work: Promise<T>,
  interrupted: AbortSignal,
): Promise<T | undefined> {
  if (interrupted.aborted) return undefined;
  work.catch(() => undefined); // after an interrupt its end does not matter
  return new Promise((resolve, reject) => {
    interrupted.addEventListener('abort', () => resolve(undefined), { once: true });
    work.then(resolve, reject);
  });
}
