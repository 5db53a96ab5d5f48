import { proxyActivities } from '@temporalio/workflow';

const { callTool } = proxyActivities<{ callTool(): Promise<unknown> }>({
  startToCloseTimeout: '1 minute',
});

/** Workflow as a first version would have it: one per call, with one activity. */
export async function naiveCall(): Promise<unknown> {
  return callTool();
}
