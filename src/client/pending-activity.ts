import { type Client, WorkflowNotFoundError } from '@temporalio/client';

type Described = Awaited<
  ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>
>['raw'];

/** temporal.api.enums.v1.PendingActivityState: waiting for a worker, or for its next attempt. */
const SCHEDULED = 1;

/** Activity that a workflow waits for, as Temporal knows it. */
export interface PendingActivity<Details> {
  /** Whether a worker has it; otherwise it waits for one, or for its next attempt. */
  isHeld: boolean;
  raw: NonNullable<Described['pendingActivities']>[number];
  attempt: number;
  /** Details of its last heartbeat; undefined before the first. */
  heartbeat: Details | undefined;
  /** Reason why the attempt before this one failed. */
  lastFailure: string | undefined;
}

/** Returns the activity; undefined when the workflow is over, or waits for nothing. Needs no worker. */
export async function pendingActivity<Details>(
  client: Client,
  workflowId: string,
): Promise<PendingActivity<Details> | undefined> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    const activity = raw.pendingActivities?.[0];
    if (!activity) return undefined;
    const details = activity.heartbeatDetails?.payloads?.[0];
    const { payloadConverter } = client.options.loadedDataConverter;
    return {
      isHeld: Number(activity.state) !== SCHEDULED,
      raw: activity,
      attempt: activity.attempt ?? 1,
      heartbeat: details ? payloadConverter.fromPayload<Details>(details) : undefined,
      lastFailure: activity.lastFailure?.message ?? undefined,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
