import { type Client } from '@temporalio/client';
import { type ControlActivities } from '../../src/domain/activity-types';
import { CONTROL_TIMEOUT_MS } from '../../src/domain/limits';
import { CONTROL_QUEUE, lockActivityId } from '../../src/domain/names';
import { unpackLock } from '../../src/programs/lock-parcel';
import { type LockStore } from '../../src/store/store';

/** Locks of this data directory, and those of the control worker's, which are requested when they are missing here. */
export function sharedLocks(locks: LockStore, client: Client): LockStore {
  return {
    put: (digest, text) => locks.put(digest, text),
    // An installation that had this lock stores it here, too.
    get: async (digest) => (await locks.get(digest)) ?? (await requestLock(client, digest)),
  };
}

/** Requests a lock; undefined when the control worker does not have it, or none is running. */
async function requestLock(client: Client, digest: string): Promise<string | undefined> {
  const asked = await client.activity.typed<ControlActivities>().start('lockText', {
    id: lockActivityId(digest),
    taskQueue: CONTROL_QUEUE,
    args: [{ digest }], // only objects are signed
    summary: `lock ${digest}`,
    scheduleToCloseTimeout: CONTROL_TIMEOUT_MS,
    idReusePolicy: 'ALLOW_DUPLICATE',
    idConflictPolicy: 'USE_EXISTING',
  });
  const parcel = await asked.result().catch(() => null);
  return parcel === null ? undefined : unpackLock(digest, parcel);
}
