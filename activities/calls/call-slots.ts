import { type WorkerOptions } from '@temporalio/worker';
import { activitySlots } from '../host/activity-slots';
import { Condition } from '../../src/async/condition';
import { type SessionIsolation } from '../server/session-isolation';
import { type SupervisedServer } from '../server/supervised-server';

/**
 * Reserves slots for the calls of one server, and so polls for calls, only while it is ready and no maintenance holds
 * them. Until then they stay in Temporal's queue, where neither the heartbeat timeout nor the loss of this host can
 * affect them.
 */
export function callSlots(
  { server, isolation }: { server: SupervisedServer; isolation: SessionIsolation },
  limit: number,
): NonNullable<WorkerOptions['tuner']> {
  let taken = 0;
  const releases = new Condition();
  return activitySlots({
    async reserveSlot(_context, signal) {
      for (;;) {
        await isolation.whenTaking(signal);
        await server.whenServing(signal);
        signal.throwIfAborted();
        if (taken < limit) break;
        await releases.wait(signal);
      }
      taken++;
      return {};
    },
    markSlotUsed: () => undefined,
    releaseSlot() {
      taken--;
      releases.notifyAll();
    },
  });
}
