import { CANCEL_GRACE_MS } from '../../domain/limits';
import { unobserved } from '../wire/request-observer';
import { type McpSession } from './mcp-session';

/**
 * Whether a server is still responding. Over HTTP no connection shows that, so the server is
 * pinged.
 */
export async function isResponding(session: McpSession): Promise<boolean> {
  if (session.gone.aborted) return false;
  if (!session.wire.hasPerRequestStream) return true;
  const check = unobserved(() => session.liveness.check(CANCEL_GRACE_MS));
  return check.then(
    () => true,
    () => false,
  );
}
