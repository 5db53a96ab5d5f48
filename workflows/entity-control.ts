import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { type ControlActivities } from '../src/domain/activity-types';
import { type ServerEvent } from '../src/domain/events';
import { control } from './control';

/** Events recorded in one activity: after a long outage of the store they must still fit into one payload. */
const MAX_EVENT_BATCH = 100;

/**
 * Records the oldest of these events in the store, and returns them; none when the activity was scheduled before inputs were signed,
 * so that it has to be scheduled again.
 */
export async function recordOldest(events: readonly ServerEvent[]): Promise<ServerEvent[]> {
  const batch = events.slice(0, MAX_EVENT_BATCH);
  const summary = `record ${batch.length} events`;
  try {
    await control.recordEvents.executeWithOptions({ summary }, [batch]);
    return batch;
  } catch (error) {
    if (!isUntrusted(error)) throw error;
    return [];
  }
}

/** Ends queued calls. Those from before inputs were signed are ended by the hosts, which take none of them. */
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
