import { Context } from '@temporalio/activity';
import { type SessionHeartbeat } from '../../src/domain/entity/session';
import { isUnsigned } from '../../src/domain/trust/unsigned-values';

/** Returns the last heartbeat of the owner before this one: the session began with less. */
export function heartbeatOfPredecessor(): SessionHeartbeat | undefined {
  const last: unknown = Context.current().info.heartbeatDetails;
  return isHeartbeat(last) && !isUnsigned(last) ? last : undefined;
}

function isHeartbeat(value: unknown): value is SessionHeartbeat {
  return value !== null && typeof value === 'object' && 'epoch' in value;
}
