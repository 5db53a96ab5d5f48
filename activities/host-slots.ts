import { type WorkerOptions } from '@temporalio/worker';

type Tuner = NonNullable<WorkerOptions['tuner']>;

/** The workers run activities only; the SDK wants a number for the rest as well. */
const NONE = { type: 'fixed-size', numSlots: 1 } as const;

/**
 * The capacity of a host, shared by the workers of all of its queues. A slot counts from its task on, not from its poll: each
 * queue keeps one poll open while there is room, or the first queue's poll would take the last place from all others. So a
 * task may still come to an open poll when the last place has gone; `HostPlaces` hands it back.
 */
export function hostSlots(capacity: number): Tuner {
  const used = new Set<unknown>();
  const waiting = new Set<() => void>();

  async function reserveSlot(_context: unknown, signal: AbortSignal): Promise<object> {
    while (used.size >= capacity) {
      await untilReleased(signal);
      signal.throwIfAborted();
    }
    return { number: nextNumber++ };
  }

  let nextNumber = 0;

  async function untilReleased(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const settle = () => {
        waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }

  return {
    activityTaskSlotSupplier: {
      type: 'custom',
      reserveSlot,
      tryReserveSlot: () => null, // nothing is eager here
      markSlotUsed: ({ permit }) => void used.add(keyOf(permit)),
      releaseSlot({ permit }) {
        if (!used.delete(keyOf(permit))) return;
        for (const settle of [...waiting]) settle();
      },
    },
    workflowTaskSlotSupplier: NONE,
    localActivityTaskSlotSupplier: NONE,
    nexusTaskSlotSupplier: NONE,
  };
}

function keyOf(permit: object): unknown {
  return 'number' in permit ? permit.number : permit;
}
