import { type ActivityExecutionDescription, ActivityNotFoundError } from '@temporalio/client';
import { MainspringError } from '../../base/errors';
import { type CallInput } from '../../domain/calls/calls';

export type CallStatus = 'queued' | 'running' | 'ended';

/** Returns the status of the activity of a call. */
export function statusOf({
  status,
  runState,
}: Pick<ActivityExecutionDescription, 'status' | 'runState'>): CallStatus {
  if (status !== 'RUNNING') return 'ended';
  return runState === 'STARTED' || runState === 'CANCEL_REQUESTED' ? 'running' : 'queued';
}

/** Returns the input that a call was submitted with; throws UNKNOWN_CALL for an activity that is none. */
export async function callInputOf(
  id: string,
  description: Pick<ActivityExecutionDescription, 'getInput'>,
): Promise<CallInput> {
  const [input] = (await description.getInput<[CallInput]>()) ?? [];
  if (input) return input;
  throw new MainspringError('UNKNOWN_CALL', `${id} is not a Mainspring call.`);
}

/** The error of a call as its caller gets it: UNKNOWN_CALL when Temporal does not know it. */
export function unknownCall(error: unknown, id: string): unknown {
  if (!(error instanceof ActivityNotFoundError)) return error;
  return new MainspringError('UNKNOWN_CALL', `There is no call ${id}.`, { cause: error });
}
