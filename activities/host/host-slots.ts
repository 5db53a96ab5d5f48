import { type WorkerOptions } from '@temporalio/worker';
import { activitySlots } from './activity-slots';
import { Condition } from '../../src/async/condition';

/**
 * Capacity of a host, shared by the workers of all of its queues. A slot counts from its task on, not from its poll:
 * each queue keeps one poll open while there is room, or the first queue's poll would take the last place from all
 * others. So a task may still arrive on an open poll when the last place is taken; `HostPlaces` hands it back.
 */
export function hostSlots(capacity: number): NonNullable<WorkerOptions['tuner']> {
  const used = new Set<unknown>();
  const releases = new Condition();
  let nextNumber = 0;
  return activitySlots({
    async reserveSlot(_context, signal) {
      while (used.size >= capacity) {
        await releases.wait(signal);
        signal.throwIfAborted();
      }
      return { number: nextNumber++ };
    },
    markSlotUsed: ({ permit }) => void used.add(keyOf(permit)),
    releaseSlot({ permit }) {
      if (used.delete(keyOf(permit))) releases.notifyAll();
    },
  });
}

function keyOf(permit: object): unknown {
  return 'number' in permit ? permit.number : permit;
}
