import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a time, or until the signal fires: whoever waits looks at the signal. */
export async function pause(
  ms: number,
  signal?: AbortSignal,
  { ref = true }: { ref?: boolean } = {},
): Promise<void> {
  await sleep(ms, undefined, { signal, ref }).catch(() => undefined); // only the signal makes it fail
}
