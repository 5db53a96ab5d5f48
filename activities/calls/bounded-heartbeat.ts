import { type CallHeartbeat } from '../../src/domain/calls/calls';

/** Heartbeats above this go without what the server has said: Temporal would end the call for them. */
const MAX_HEARTBEAT_BYTES = 1_000_000;

/**
 * The heartbeat, without what the server has said when that is too large for Temporal or no JSON: Temporal would end the call, and
 * the SDK would let it be tried again.
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
