import { type ControlActivities } from '../src/domain/activity-types';
import { callQueue } from '../src/domain/names';
import { readInventory } from '../src/inventory/inventory';
import { specOf } from '../src/inventory/normalise';
import { signSpec } from '../src/inventory/signature';
import { type ControlDeps } from './deps';

export function createControlActivities({
  home,
  key,
  client,
  store,
}: ControlDeps): ControlActivities {
  return {
    recordEvents: (events) => store.events.append(events),

    async loadSpec(name) {
      const { servers } = await readInventory(home);
      const record = servers[name];
      return record ? signSpec(key, specOf(name, record)) : null;
    },

    async endQueuedCalls({ name, reason, beforeMs }) {
      const before = new Date(beforeMs).toISOString();
      const query = `TaskQueue = '${callQueue(name)}' AND ExecutionStatus = 'Running' AND StartTime <= '${before}'`;
      let ended = 0;
      for await (const { activityId } of client.activity.list(query)) {
        await client.activity.getHandle(activityId).cancel(`server ${name}: ${reason}`);
        ended++;
      }
      return ended;
    },
  };
}
