import { type CallHeartbeat } from '../../src/domain/calls/calls';

/** Heartbeats above this omit what the server reported: Temporal would end the call for them. */
const MAX_HEARTBEAT_BYTES = 1_000_000;

/**
 * Returns the heartbeat, without what the server reported if that is too large for Temporal or not valid JSON: Temporal
 * would end the call, and the SDK would let it be retried.
 */
export function boundedHeartbeat(heartbeat: CallHeartbeat): CallHeartbeat {
  const { sent, upTo, tries } = heartbeat;
  const bare = { sent, ...(upTo !== undefined && { upTo }), ...(tries && { tries }) };
  if (!heartbeat.progress && !heartbeat.asks) return bare;
  try {
    const bytes = Buffer.byteLength(JSON.stringify(heartbeat));
    return bytes <= MAX_HEARTBEAT_BYTES ? heartbeat : bare;
  } catch {
    return bare;
  }
}
