import { CANCEL_GRACE_MS } from '../../domain/limits';
import { unobserved } from '../wire/request-observer';
import { type McpSession } from './mcp-session';

/**
 * Whether a server is still responding. Over HTTP no connection shows that, so the server is
 * pinged.
 */
export async function livesOn(session: McpSession): Promise<boolean> {
  if (session.gone.aborted) return false;
  if (!session.wire.hasPerRequestStream) return true;
  const asked = unobserved(() => session.liveness.ask(CANCEL_GRACE_MS));
  return asked.then(
    () => true,
    () => false,
  );
}
