import { proxyActivities } from '@temporalio/workflow';

const { callTool } = proxyActivities<{ callTool(): Promise<unknown> }>({
  startToCloseTimeout: '1 minute',
});

/** What one would write first: a workflow per call, with one activity. */
export async function naiveCall(): Promise<unknown> {
  return callTool();
}
