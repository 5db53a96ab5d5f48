import { setTimeout as delay } from 'node:timers/promises';
import { TOOL_TIMEOUT_MS } from '../limits';

/** For what has longer time limits of its own: they must not hold up the report. */
export async function inTime<T>(work: Promise<T>): Promise<T | 'late'> {
  const over = new AbortController();
  const late = delay(TOOL_TIMEOUT_MS, 'late' as const, { signal: over.signal });
  late.catch(() => undefined); // aborted
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
