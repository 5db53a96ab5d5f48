import { type WorkerOptions } from '@temporalio/worker';
import { activitySlots } from './activity-slots';
import { Releases } from '../../src/async/condition';

/**
 * The capacity of a host, shared by the workers of all of its queues. A slot counts from its task on, not from its poll: each
 * queue keeps one poll open while there is room, or the first queue's poll would take the last place from all others. So a
 * task may still come to an open poll when the last place has gone; `HostPlaces` hands it back.
 */
export function hostSlots(capacity: number): NonNullable<WorkerOptions['tuner']> {
  const used = new Set<unknown>();
  const releases = new Releases();
  let nextNumber = 0;
  return activitySlots({
    async reserveSlot(_context, signal) {
      while (used.size >= capacity) {
        await releases.next(signal);
        signal.throwIfAborted();
      }
      return { number: nextNumber++ };
    },
    markSlotUsed: ({ permit }) => void used.add(keyOf(permit)),
    releaseSlot({ permit }) {
      if (used.delete(keyOf(permit))) releases.tell();
    },
  });
}

function keyOf(permit: object): unknown {
  return 'number' in permit ? permit.number : permit;
}
