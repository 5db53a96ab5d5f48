import { type WorkerOptions } from '@temporalio/worker';
import { type SessionIsolation } from './session-isolation';
import { type SupervisedServer } from './supervised-server';

type Tuner = NonNullable<WorkerOptions['tuner']>;

/** The worker runs activities only; the SDK wants a number for the rest as well. */
const NONE = { type: 'fixed-size', numSlots: 1 } as const;

/**
 * Gives out slots for the calls of one server, and so polls for them, only while it answers and no maintenance holds
 * them. Until then they stay in Temporal's queue, where neither the heartbeat timeout nor the loss of this host can touch them.
 */
export function callSlots(
  { server, isolation }: { server: SupervisedServer; isolation: SessionIsolation },
  limit: number,
): Tuner {
  let taken = 0;
  const waiting = new Set<() => void>();

  async function reserveSlot(_context: unknown, signal: AbortSignal): Promise<object> {
    for (;;) {
      await isolation.whenTaking(signal);
      await server.whenServing(signal);
      signal.throwIfAborted();
      if (taken < limit) break;
      await untilReleased(signal);
    }
    taken++;
    return {};
  }

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
      tryReserveSlot: () => null, // nothing is eager about calls
      markSlotUsed: () => undefined,
      releaseSlot() {
        taken--;
        for (const settle of [...waiting]) settle();
      },
    },
    workflowTaskSlotSupplier: NONE,
    localActivityTaskSlotSupplier: NONE,
    nexusTaskSlotSupplier: NONE,
  };
}
