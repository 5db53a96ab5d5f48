import { setTimeout as delay } from 'node:timers/promises';
import { TOOL_TIMEOUT_MS } from '../limits';

/** Limits work that has longer timeouts of its own, so that it does not delay the report. */
export async function inTime<T>(work: Promise<T>): Promise<T | 'late'> {
  const timer = new AbortController();
  const late = delay(TOOL_TIMEOUT_MS, 'late' as const, { signal: timer.signal });
  late.catch(() => undefined); // aborted
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
