import { type InputRequest } from '../../domain/calls/input-requests';
import { type CallHeartbeat, type CallProgress } from '../../domain/calls/calls';
import { callInputOf, type CallStatus, statusOf, unknownCall } from './call-activity';
import { type ClientContext } from '../context';
import { openInputRequests } from './open-input-requests';

/** Status of a call at one moment, as Temporal knows it. */
export interface CallDescription {
  callId: string;
  server: string;
  tool: string;
  principal: string;
  status: CallStatus;
  submittedAtMs: number;
  /** Time of the last news about it, in ms. */
  changedAtMs: number;
  progress?: CallProgress;
  /** Input requests that the server is waiting for. */
  asks: InputRequest[];
}

/**
 * Reads the status of a call without waiting for its end.
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
    const input = await callInputOf(callId, found);
    const heartbeat = await found.getHeartbeatDetails<CallHeartbeat | null>();
    const status = statusOf(found);
    const { server, tool, principal } = input;
    const submittedAtMs = found.scheduleTime?.getTime() ?? 0;
    const { closeTime, lastHeartbeatTime, lastStartedTime } = found;
    const changedAt = closeTime ?? lastHeartbeatTime ?? lastStartedTime;
    return {
      callId,
      server,
      tool,
      principal,
      submittedAtMs,
      status,
      changedAtMs: changedAt?.getTime() ?? submittedAtMs,
      ...(heartbeat?.progress && { progress: heartbeat.progress }),
      asks: status === 'ended' ? [] : await openInputRequests(context, heartbeat?.asks ?? []),
    };
  } catch (error) {
    throw unknownCall(error, callId);
  }
}
