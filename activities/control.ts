import { type ActivityHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/activity';
import { type ControlActivities, type GrantActivities } from '../src/domain/activity-types';
import { MainspringError } from '../src/base/errors';
import { callQueue } from '../src/domain/names';
import { watchReceivers } from '../src/inventory/alert-receivers';
import { readInventory } from '../src/inventory/inventory';
import { specOf } from '../src/inventory/normalise';
import { signSpec, verifySpec } from '../src/inventory/signature';
import { packLock } from '../src/programs/lock-parcel';
import { deliverAlert } from './alerts/deliver';
import { dispatchAlerts } from './alerts/dispatch';
import { type ControlDeps } from './deps';
import { createGrantActivities } from './oauth/oauth-renew';
import { keepLock, recordInstall, withPin } from './install/record-install';
import { reloadServer } from './reload-server';

export function createControlActivities(deps: ControlDeps): ControlActivities & GrantActivities {
  const { home, key, client, store } = deps;
  const receivers = watchReceivers(home);
  return {
    ...createGrantActivities(deps),

    async recordEvents(events) {
      await store.events.append(events);
      await dispatchAlerts({ client, store, receivers }, events);
    },

    deliverAlert: (delivery) => deliverAlert({ home, receivers }, delivery),

    async loadSpec({ name }) {
      const { servers } = await readInventory(home).catch(failForGood);
      const record = servers[name];
      return record ? signSpec(key, specOf(name, record)) : null;
    },

    async recordInstall(input) {
      await keepLock(store.locks, input);
      return recordInstall({ home, key }, input).catch(failForGood);
    },

    async pinSpec({ signed, pin, lock }) {
      await keepLock(store.locks, { pin, lock });
      return signSpec(key, withPin(verifySpec(key, signed), pin));
    },

    async lockText({ digest }) {
      const text = await store.locks.get(digest);
      return (text !== undefined && packLock(text)) || null;
    },

    reloadServer: (input) => reloadServer(client, input),

    async endQueuedCalls({ name, reason, beforeMs }) {
      const before = new Date(beforeMs).toISOString();
      const query = `TaskQueue = '${callQueue(name)}' AND ExecutionStatus = 'Running' AND StartTime <= '${before}'`;
      const ends: Promise<boolean>[] = [];
      for await (const { activityId } of client.activity.list(query)) {
        ends.push(endIfQueued(client.activity.getHandle(activityId), `server ${name}: ${reason}`));
      }
      const ended = (await Promise.all(ends)).filter(Boolean).length;
      return ended;
    },
  };
}

/** Ends a call that is still queued. One that a host has is left to finish: its server gives it the grace of its spec. */
async function endIfQueued(call: ActivityHandle, reason: string): Promise<boolean> {
  const { runState } = await call.describe();
  if (runState !== 'SCHEDULED') return false;
  await call.cancel(reason);
  return true;
}

/** Throws a failure that is not retried: a person has to correct it, and retries would keep the requester waiting forever. */
function failForGood(error: unknown): never {
  if (!(error instanceof MainspringError)) throw error;
  throw ApplicationFailure.nonRetryable(error.message, error.code);
}
