import { callQueue } from '../../../domain/names';
import { type ClientContext } from '../../context';

/** temporal.api.enums.v1.TaskQueueType */
const ACTIVITY_QUEUE = 2;

/** Counts the calls of a server that no host has taken yet. */
export async function queueLength({ client }: ClientContext, server: string): Promise<number> {
  const { stats } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: callQueue(server) },
    taskQueueType: ACTIVITY_QUEUE,
    reportStats: true,
  });
  return Number(stats?.approximateBacklogCount ?? 0);
}
