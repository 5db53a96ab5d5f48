import { ActivityNotFoundError } from '@temporalio/client';
import { type InputRequest } from '../../domain/calls/input-requests';
import { type CallHeartbeat, type CallInput, type CallProgress } from '../../domain/calls/calls';
import { MainspringError } from '../../base/errors';
import { type CallStatus } from './call-handle';
import { type ClientContext } from '../context';
import { openInputRequests } from './open-input-requests';

/** How a call stands at one moment, as Temporal knows it. */
export interface CallDescription {
  callId: string;
  server: string;
  tool: string;
  principal: string;
  status: CallStatus;
  submittedAtMs: number;
  /** When anything about it was last heard. */
  changedAtMs: number;
  progress?: CallProgress;
  /** What the server waits for from the client. */
  asks: InputRequest[];
}

/**
 * Looks at a call without waiting for it.
 *
 * @throws MainspringError UNKNOWN_CALL
 *
 * @internal
 */
export async function readCallStatus(
  context: ClientContext,
  callId: string,
): Promise<CallDescription> {
  const { client } = context;
  try {
    const activity = client.activity.getHandle(callId);
    const found = await activity.describe({ includeInput: true, includeHeartbeatDetails: true });
    const [input] = (await found.getInput<[CallInput]>()) ?? [];
    if (!input) throw new MainspringError('UNKNOWN_CALL', `${callId} is not a Mainspring call.`);
    const heartbeat = await found.getHeartbeatDetails<CallHeartbeat | null>();
    const isOpen = found.status === 'RUNNING';
    const isTaken = found.runState === 'STARTED' || found.runState === 'CANCEL_REQUESTED';
    const { server, tool, principal } = input;
    const submittedAtMs = found.scheduleTime?.getTime() ?? 0;
    const { closeTime, lastHeartbeatTime, lastStartedTime } = found;
    const changedAt = closeTime ?? lastHeartbeatTime ?? lastStartedTime;
    return {
      ...{ callId, server, tool, principal, submittedAtMs },
      status: !isOpen ? 'ended' : isTaken ? 'running' : 'queued',
      changedAtMs: changedAt?.getTime() ?? submittedAtMs,
      ...(heartbeat?.progress && { progress: heartbeat.progress }),
      asks: isOpen ? await openInputRequests(context, heartbeat?.asks ?? []) : [],
    };
  } catch (error) {
    if (!(error instanceof ActivityNotFoundError)) throw error;
    throw new MainspringError('UNKNOWN_CALL', `There is no call ${callId}.`, { cause: error });
  }
}
