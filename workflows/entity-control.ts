import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { type ControlActivities } from '../src/domain/activity-types';
import { type ServerEvent } from '../src/domain/events';
import { control } from './control';

/** False when it has to be done again, because it was scheduled before inputs were signed. */
export async function recordEvents(batch: ServerEvent[]): Promise<boolean> {
  const summary = `record ${batch.length} events`;
  try {
    await control.recordEvents.executeWithOptions({ summary }, [batch]);
    return true;
  } catch (error) {
    if (!isUntrusted(error)) throw error;
    return false;
  }
}

/** Calls of before inputs were signed are ended by the hosts, which take none of them. */
export async function endQueuedCalls(
  ...input: Parameters<ControlActivities['endQueuedCalls']>
): Promise<void> {
  try {
    await control.endQueuedCalls(...input);
  } catch (error) {
    if (!isUntrusted(error)) throw error;
  }
}

function isUntrusted(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === 'INPUT_UNTRUSTED';
}
